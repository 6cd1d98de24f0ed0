"""Dashboard, alerts and autoscalers ask for metrics, labels and values that the gateway has."""

import json
import re

import yaml

from gateway.telemetry.families import FAMILIES
from tests.helm.chart import CHART, ROOT

WITHOUT_TOOLS = True

METRIC = re.compile(r"\b(gateway_[a-z_]+)(\{[^}]*\})?")
OF_THE_CLUSTER = {"namespace", "pod"}


def dashboard():
    return json.loads((CHART / "files" / "dashboard.json").read_text())


def alerts():
    (group,) = yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())["groups"]
    return group["rules"]


def family(name):
    """The family of a series; a histogram has three."""
    for end in ("_bucket", "_sum", "_count"):
        if name.removesuffix(end) in FAMILIES and FAMILIES[name.removesuffix(end)].kind == "histogram":
            return FAMILIES[name.removesuffix(end)]
    assert FAMILIES[name].kind != "histogram", f"{name} is a histogram"
    return FAMILIES[name]


def expressions():
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    variables = [one["query"] for one in dashboard()["templating"]["list"] if one["type"] == "query"]
    return [*panels, *variables, *(rule["expr"] for rule in alerts())]


def test_every_series_exists_and_has_the_labels_that_are_asked_for():
    found = 0
    for expression in expressions():
        names = METRIC.findall(expression)
        assert names, expression
        known = {"le", *OF_THE_CLUSTER}
        for name, chosen in names:
            labels = {*family(name).labels, *OF_THE_CLUSTER}
            assert set(re.findall(r"(\w+)[=!]~?\"", chosen)) <= labels, expression
            assert not family(name).quiet
            known |= labels
            found += 1
        for by in re.findall(r"by \(([^)]*)\)", expression):
            assert set(by.split(", ")) <= known, expression
    assert found > 30


def test_counters_are_rated_and_gauges_are_not():
    for expression in expressions():
        for name, _ in METRIC.findall(expression):
            rated = re.search(rf"(rate|increase)\({name}\b", expression)
            assert bool(rated) is (family(name).kind != "gauge") or expression.startswith("label_values("), expression


def test_what_alerts_tell_is_what_they_have():
    for rule in alerts():
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = re.findall(r"by \(([^)]*)\)", rule["expr"])
        kept = set(grouped[0].split(", ")) if grouped else {"pod"}
        assert shown <= kept, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert len({rule["alert"] for rule in alerts()}) == len(alerts())


def test_the_alert_for_a_refused_edit_names_the_result_that_the_gateway_counts():
    assert 'reloaded("rejected")' in (ROOT / "gateway" / "process.py").read_text()


def test_the_dashboard_is_one_that_grafana_finds(monkeypatch):
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(dashboard()["panels"])
    used = {name for text in expressions() for name in re.findall(r"\$(\w+)", text)}
    assert used - {"__rate_interval"} <= {one["name"] for one in dashboard()["templating"]["list"]}


def test_autoscalers_count_what_the_gateway_counts():
    schema = json.loads((CHART / "values.schema.json").read_text())
    metrics = schema["properties"]["autoscaling"]["properties"]["metric"]["enum"]
    assert [FAMILIES[metric].kind for metric in metrics] == ["gauge", "gauge"]
