import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Answer, Asked, Record
from gateway.logs import line
from tests.telemetry.records import USAGE, attempt, record

VALIDATOR = jsonschema.Draft202012Validator(line.schema())
FILE = Path(__file__).resolve().parents[2] / "schemas" / "log.schema.json"


def read(written: Record) -> dict:
    text = line.render(written)
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    return json.loads(text, parse_float=Decimal)


def test_the_schema_file_is_the_schema():
    assert json.loads(FILE.read_text()) == line.schema()


def test_every_field_is_described():
    for definition in line.schema()["$defs"].values():
        for name, field in definition["properties"].items():
            assert field.get("description"), name


def test_a_line_holds_what_happened():
    got = read(record())
    VALIDATOR.validate(json.loads(line.render(record())))
    assert got["id"] == got["event_id"] == "01890a5d-ac96-774b-bcce-b302099a8057"
    assert got["created_at"] == "2026-09-21T14:13:20.123Z"
    assert (got["account"], got["gateway"], got["token"], got["provider"]) == ("acme", "production", "web", "demo")
    assert (got["tokens_in"], got["tokens_out"], got["cost"]) == (1200, 345, Decimal("0.000123"))
    assert (got["duration"], got["ttft_ms"], got["overhead_ms"]) == (700, 300, Decimal("0.4"))
    assert got["usage_metadata"] == {
        "input_tokens": 1200,
        "output_tokens": 345,
        "total_tokens": 1545,
        "input_cached_tokens": 600,
        "input_cache_write_tokens": 100,
        "output_reasoning_tokens": 64,
    }
    assert got["success"] is True
    assert got["error"] is got["request"] is got["response"] is None
    assert got["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert got["attempts"][0]["duration"] == 500
    assert got["attempts"][0]["ttft_ms"] == 200


def test_no_field_is_left_out_when_nothing_is_known():
    empty = Record("x", 0, 1.0)
    got = read(empty)
    VALIDATOR.validate(got)
    assert list(got) == line.LogLine.__struct_fields__ or set(got) == set(line.LogLine.__struct_fields__)
    assert got["status_code"] is None
    assert got["success"] is False
    assert got["created_at"] == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("status", "outcome", "success"),
    [(200, "served", True), (304, "served", True), (404, "served", False), (200, "abandoned", False)],
)
def test_success_is_a_good_status_relayed_to_its_end(status, outcome, success):
    assert read(record(status=status, outcome=outcome))["success"] is success


def test_the_last_attempt_speaks_for_the_call():
    first = attempt(provider="broken", status=503, error="overloaded", answer=None, cost=None)
    got = read(record(attempts=[first, attempt(asked=Asked("chat", "", "large-1"))]))
    assert (got["provider"], got["model"], got["error"]) == ("demo", "large-1", None)
    assert [one["error"] for one in got["attempts"]] == ["overloaded", None]
    assert [one["status"] for one in got["attempts"]] == [503, 200]


def test_a_refusal_is_the_error():
    got = read(record(attempts=[], refusal="rate_limited", status=429, outcome="refused", cost=None))
    assert (got["error"], got["attempts"], got["cost"], got["outcome"]) == ("rate_limited", [], None, "refused")


def test_time_to_first_token_is_a_streams():
    plain = Asked("chat", "", "small-1", False)
    got = read(record(asked=plain, attempts=[attempt(asked=plain)]))
    assert got["ttft_ms"] is got["attempts"][0]["ttft_ms"] is None


@pytest.mark.parametrize("cost", ["0.1", "0.000000000000000123", "1234567890.123456789012345678", "0", "1E-30"])
def test_cost_is_exact(cost):
    assert read(record(cost=Decimal(cost)))["cost"] == Decimal(cost)


@pytest.mark.parametrize("cost", ["NaN", "Infinity"])
def test_a_cost_json_has_no_number_for_is_null(cost):
    assert read(record(cost=Decimal(cost)))["cost"] is None


def test_payloads_are_text_whatever_their_bytes():
    got = read(record(request_payload=b'{"a": "\xc3\xa9"}', response_payload=b"\xff\x00\n"))
    assert (got["request"], got["response"]) == ('{"a": "é"}', "\ufffd\x00\n")


def test_a_clock_that_ran_backwards_makes_no_negative_durations():
    got = read(record(ended=1.0, overhead=-1.0, attempts=[attempt(ended=1.0, first_chunk=2.0)]))
    VALIDATOR.validate(got)
    assert (got["duration"], got["overhead_ms"], got["ttft_ms"]) == (0, 0, 0)


anything = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(max_examples=60, deadline=None)
@given(anything, anything, st.dictionaries(anything, st.one_of(anything, st.integers(), st.booleans()), max_size=4))
def test_any_text_makes_one_valid_line(model, agent, metadata):
    asked = Asked("chat", "", model, True)
    made = record(user_agent=agent, metadata=metadata, attempts=[attempt(asked=asked, answer=Answer(USAGE, model))])
    VALIDATOR.validate(json.loads(line.render(made)))
    assert line.render(made).count(b"\n") == 1
