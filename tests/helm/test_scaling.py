"""Autoscalers, dashboard and alerts as they are in the cluster; notes that warn."""

import json

import pytest
import yaml

from tests.helm import chart
from tests.helm.chart import CHART, notes, render


def test_an_hpa_counts_streams_per_pod_and_goes_down_slowly():
    spec = render(chart.case("ha-hpa")).one("HorizontalPodAutoscaler")["spec"]
    assert spec["metrics"][0]["pods"] == {
        "metric": {"name": "gateway_streams_in_flight"},
        "target": {"type": "AverageValue", "averageValue": "200"},
    }
    assert spec["metrics"][1]["resource"]["target"]["averageUtilization"] == 80
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300
    assert len(render("autoscaling: {by: hpa}").one("HorizontalPodAutoscaler")["spec"]["metrics"]) == 1


def test_keda_asks_prometheus_for_this_release_alone():
    spec = render(chart.case("keda")).one("ScaledObject")["spec"]
    (trigger,) = spec["triggers"]
    assert trigger["metadata"]["query"] == 'sum(gateway_calls_in_flight{namespace="ai",pod=~"one-gateway-.*"})'
    assert spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]["policies"][0]["value"] == 1


def test_dashboard_and_alerts_arrive_as_they_are_in_the_chart():
    everything, plain = render(chart.case("everything")), render(chart.case("alerts"))
    dashboard = everything.one("ConfigMap", "-dashboard")
    assert json.loads(dashboard["data"]["gateway.json"]) == json.loads((CHART / "files" / "dashboard.json").read_text())
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    rules = yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())
    assert everything.one("PrometheusRule")["spec"] == rules
    assert everything.one("PrometheusRule")["metadata"]["labels"]["release"] == "prometheus"
    assert yaml.safe_load(plain.one("ConfigMap", "-alerts")["data"]["gateway.rules.yaml"]) == rules


SAFE = """
image: {repository: registry.example.com/gateway}
gateways: {accounts: {acme: {gateways: {production: {
  authentication: {tokens: [{name: web, token: "${WEB_TOKEN}"}]},
  keys: {openai: ["${A}"], anthropic: {default: "${file:b}", a-long-alias: ["${C:-}"]}}
}}}}}
"""
BLOCK = "gateways: {accounts: {acme: {gateways: {production: {authentication: none, %s}}}}}"

RISKS = [
    ("{}", "gateways is empty"),
    ("configMap: mine", "the file in mine is not seen here"),
    (BLOCK % "", "acme/production is open"),
    (BLOCK % "keys: {openai: sk-in-clear-text}", "stands in clear"),
    (BLOCK % "keys: {openai: {default: ['${A}', sk-in-clear-text]}}", "stands in clear"),
    (BLOCK.replace("none", "{tokens: [{name: a, token: in-clear-text}]}") % "", "stands in clear"),
    (BLOCK % "logs: {payload: true}", "writes prompts and answers"),
    (BLOCK % "trace_content: true", "writes prompts and answers"),
    (BLOCK % "rate_limit: {requests: 5, per: 1m}", "has rate_limit, and each process keeps its own"),
    ("image: {tag: latest}", "the tag latest moves"),
    ("image: {tag: main}", "the tag main moves"),
    ("image: {repository: gateway}", "names no registry"),
    ("replicas: 1", "there is one pod"),
    ("podDisruptionBudget: {enabled: false}", "may stop all pods at one time"),
    ("autoscaling: {by: hpa}", "an adapter must serve the Pods metric gateway_streams_in_flight"),
    ("ingress: {enabled: true, hosts: [a.example.com]}", "no certificate"),
    ("ingress: {enabled: true, hosts: [a.example.com]}", "let go of them sooner than in 10s"),
    (
        "shutdown: {delay: 25s}\nhttpRoute: {enabled: true, parentRefs: [{name: g}]}",
        "let go of them sooner than in 25s",
    ),
    ("networkPolicy: {enabled: false}", "no NetworkPolicy"),
    ("securityContext: {readOnlyRootFilesystem: false}", "weaker than the chart's"),
    ("podSecurityContext: {runAsNonRoot: false}", "weaker than the chart's"),
]


@pytest.mark.parametrize(("values", "warning"), RISKS, ids=[warning for _, warning in RISKS])
def test_a_risk_is_told(values, warning):
    assert warning in notes(values)


def test_what_is_safe_is_not_warned_of():
    said = notes(SAFE)
    assert "WARNING" not in said
    assert "/v1/acme/production/demo/" in said


def test_limits_that_a_redis_keeps_for_all_are_safe():
    assert "each process" not in notes(f"{BLOCK % 'rate_limit: {requests: 5, per: 1m}'}\nredis: {{secret: r}}")
    assert "each process" not in notes(f"{BLOCK % 'rate_limit: {requests: 5, per: 1m}'}\nreplicas: 1")
