import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Asked
from gateway.telemetry import prometheus
from gateway.telemetry.families import FAMILIES, Point, Snapshot
from gateway.telemetry.metrics import Metrics
from tests.telemetry.records import attempt, record

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = rf'({NAME})="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)")
UNESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def parse(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The format's grammar, strictly: HELP, TYPE, then this family's samples, none of them twice."""
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    lines = text.decode().split("\n")
    assert lines.pop() == ""
    seen, family = set(), ""
    for line in lines:
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in seen
            seen.add(family)
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == family
            kind = line.split(" ")[3]
            assert kind == FAMILIES[family].kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found, line
            suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            assert found[1] in [family + suffix for suffix in suffixes]
            pairs = re.findall(LABEL, found[2] or "")
            assert len({name for name, _ in pairs}) == len(pairs)
            labels = frozenset((n, re.sub(r'\\["\\n]', lambda m: UNESCAPED[m[0]], v)) for n, v in pairs)
            assert (found[1], labels) not in samples
            samples[found[1], labels] = float(found[found.lastindex])
    return samples


def of(samples, name: str, **labels: str) -> float:
    (value,) = [value for (found, have), value in samples.items() if found == name and labels.items() <= set(have)]
    return value


def test_what_was_counted_is_what_is_read():
    made = Metrics()
    made.watch("gateway_spans_dropped_total", lambda: 3)
    for _ in range(3):
        made.count(record())
    got = parse(made.render())
    assert of(got, "gateway_calls_total", account="acme", model="small-1", status="2xx", outcome="served") == 3
    assert of(got, "gateway_tokens_total", **{"class": "input"}) == 3600
    assert of(got, "gateway_call_duration_seconds_bucket", le="0.64") == 0
    assert of(got, "gateway_call_duration_seconds_bucket", le="1.28") == 3
    assert of(got, "gateway_call_duration_seconds_bucket", le="+Inf") == 3
    assert of(got, "gateway_call_duration_seconds_count") == 3
    assert of(got, "gateway_calls_in_flight") == 0
    assert of(got, "gateway_spans_dropped_total") == 3


def test_a_family_for_otlp_alone_is_left_out():
    made = Metrics()
    made.count(record())
    assert b"gateway_token_usage" not in made.render()


def test_numbers_that_are_none_have_their_words():
    points = [Point((word,), value) for word, value in (("a", float("nan")), ("b", float("inf")), ("c", -float("inf")))]
    text = prometheus.render(Snapshot({"gateway_config_reloads_total": points}))
    assert [line.split(" ")[1] for line in text.decode().splitlines()[2:]] == ["NaN", "+Inf", "-Inf"]


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=30), st.text(max_size=30))
def test_any_label_is_escaped(model, error):
    made = Metrics()
    asked = Asked("chat", "", model, True)
    made.count(record(attempts=[attempt(asked=asked, error=error)]))
    got = parse(made.render())
    assert of(got, "gateway_calls_total", model=model.encode("utf-8", "replace").decode()) == 1
