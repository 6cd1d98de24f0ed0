import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

from gateway.call import Asked, Record
from gateway.dialects import DIALECTS
from gateway.telemetry import protobuf as pb
from gateway.telemetry.content import capture as module
from gateway.telemetry.content.capture import LARGEST, READERS, capture
from tests import corpus
from tests.telemetry.collector import attributes
from tests.telemetry.records import attempt, record


def read(encoded: bytes) -> dict:
    (span,) = ScopeSpans.FromString(pb.span([encoded])).spans
    return {key.removeprefix("gen_ai."): json.loads(value) for key, value in attributes(span).items()}


def captured(dialect: str, request: object = None, response: object = None, **changes) -> dict:
    return read(capture(made(dialect, request, response, **changes)).attempt)


def made(dialect: str, request: object, response: object, **changes) -> Record:
    def payload(written: object) -> bytes | None:
        return written if written is None or isinstance(written, bytes) else json.dumps(written).encode()

    return record(
        asked=Asked("chat", dialect, "m"),
        request_payload=payload(request),
        response_payload=payload(response),
        **changes,
    )


def valid(found: dict) -> None:
    """The shapes of the conventions' JSON Schemas."""
    for message in found.get("input.messages", []):
        assert set(message) <= {"role", "parts", "name"}
        parts(message["parts"])
    for message in found.get("output.messages", []):
        assert message["role"] == "assistant"
        assert message["finish_reason"]
        parts(message["parts"])
    parts(found.get("system_instructions", []))
    for tool in found.get("tool.definitions", []):
        assert tool["type"]
        assert isinstance(tool["name"], str)


def parts(written: list) -> None:
    required = {
        "text": {"content"},
        "reasoning": {"content"},
        "tool_call": {"name"},
        "tool_call_response": {"response"},
        "blob": {"content", "modality"},
        "uri": {"uri", "modality"},
        "file": {"file_id", "modality"},
    }
    for part in written:
        assert required.get(part["type"], set()) <= set(part)


def test_the_readers_are_named_as_the_dialects_are():
    assert set(READERS) <= set(DIALECTS)


def test_content_stands_on_the_attempt_and_on_the_call_where_there_was_none():
    chat = {"messages": [{"role": "user", "content": "hi"}]}
    assert capture(made("openai_chat", chat, None)).server == b""
    cached = capture(made("openai_chat", chat, None, attempts=[]))
    assert cached.attempt == b""
    assert read(cached.server)["input.messages"][0]["parts"][0]["content"] == "hi"


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[", b"null", b"\xff\xfe", b'"x"', b"data: {", b"[" * 100_000, b"1e999"]
)
@pytest.mark.parametrize("dialect", [*READERS, "unknown"])
def test_a_body_that_is_none_of_it_leaves_its_attributes_out(dialect, payload):
    assert captured(dialect, payload, payload) == {}


def test_a_cut_request_leaves_only_its_attribute_out():
    found = captured("openai_chat", b'{"messages": [{"role": "us', {"choices": [{"message": {"content": "x"}}]})
    assert set(found) == {"output.messages"}


def test_a_cut_stream_shows_what_came():
    lines = b'data: {"choices": [{"index": 0, "delta": {"content": "Hel"}}]}\n\ndata: {"choi'
    (message,) = captured("openai_chat", None, lines)["output.messages"]
    assert message == {"role": "assistant", "parts": [{"type": "text", "content": "Hel"}], "finish_reason": "error"}


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "x" * 300_000}],
        [{"role": "user", "content": "é" * 3000} for _ in range(100)],
        [{"role": "user", "content": "y"} for _ in range(20_000)],
        [{"role": "user", "content": "z", "tool_calls": [{"function": {"name": "f", "arguments": {"k" * 90_000: 1}}}]}],
    ],
)
def test_a_long_conversation_is_cut_to_valid_json(messages):
    encoded = capture(made("openai_chat", {"messages": messages}, None)).attempt
    assert len(encoded) < LARGEST + 200
    valid(read(encoded))


def test_of_many_messages_the_latest_stay():
    messages = [{"role": "user", "content": str(number)} for number in range(5000)]
    kept = captured("openai_chat", {"messages": messages})["input.messages"]
    assert kept[-1]["parts"][0]["content"] == "4999"


def test_a_body_too_long_to_parse_is_left_out(monkeypatch):
    monkeypatch.setattr(module, "SOURCE", 100)
    assert captured("openai_chat", {"messages": [{"role": "user", "content": "x" * 100}]}) == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    """
    messages content role tool_calls function arguments choices delta index type text parts candidates
    tools input output system item event contents functionCall args response summary content_block image
    source url data input_text tool_use tool_result content_block_start content_block_delta
    message_delta response.completed id name
    """.split()  # noqa: SIM905 - a list of these would fill a page
)
odd = st.recursive(
    st.none() | st.integers(-1, 3) | WORDS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(READERS)), odd | json_values, st.lists(odd, max_size=4))
def test_no_json_makes_it_fail(dialect, body, events):
    stream = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)
    valid(captured(dialect, body, body))
    valid(captured(dialect, body, events))
    valid(captured(dialect, body, stream))


SURFACES = {
    "chat": "openai_chat",
    "responses": "openai_responses",
    "messages": "anthropic_messages",
    "anthropic-messages": "anthropic_messages",
    "generateContent": "gemini_generate",
    "completions": "openai_completions",
}


@corpus.present
def test_recorded_exchanges_show_their_content():
    seen = shown = called = calls = 0
    for exchange in corpus.exchanges():
        dialect = SURFACES.get(exchange.surface)
        if dialect is None or exchange.status != 200:
            continue
        found = captured(dialect, exchange.request_body, exchange.body, attempts=[attempt()])
        valid(found)
        seen += 1
        shown += bool(found.get("output.messages"))
        kinds = {part["type"] for message in found.get("output.messages", []) for part in message["parts"]}
        called += "tool_call" in kinds
        calls += "tool_call" in exchange.features
    assert seen > 300
    assert shown > 0.99 * seen
    assert called > 0.97 * calls


STEPS = [
    {"provider": "demo", "endpoint": "chat/completions", "query": {"messages": [{"role": "user", "content": text}]}}
    for text in ("First.", "Second.")
]


@pytest.mark.parametrize(("step", "said"), [(0, "First."), (1, "Second.")])
def test_of_a_universal_calls_steps_the_prompt_is_that_of_the_one_that_was_asked_last(step, said):
    found = captured("openai_chat", STEPS, surface="universal", step=step)
    assert found["input.messages"][0]["parts"] == [{"type": "text", "content": said}]


def test_a_universal_call_may_be_one_step_alone():
    found = captured("openai_chat", STEPS[0], surface="universal")
    assert found["input.messages"][0]["parts"] == [{"type": "text", "content": "First."}]


@pytest.mark.parametrize("body", [[], [1], [{"query": 1}], 1, b"["])
def test_a_universal_call_that_is_no_array_of_steps_has_no_prompt(body):
    assert captured("openai_chat", body, surface="universal", step=0) == {}
    assert captured("openai_chat", body, surface="universal", step=5) == {}
