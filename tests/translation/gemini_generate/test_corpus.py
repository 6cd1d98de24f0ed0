"""Recorded traffic of AI Studio and Vertex AI: what was asked and answered comes through whole."""

import json

import msgspec
import pytest

from gateway.conversation.events import Count, End, Failed, Finish, Start
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Native, Text, Thinking, ToolUse
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC, counting
from gateway.wire.sse import Splitter
from tests import corpus
from tests.translation.gemini_generate import recorded
from tests.translation.gemini_generate.asking import OWN, hello, sdk
from tests.translation.gemini_generate.chunks import joined
from tests.translation.gemini_generate.gathered import gathered, streamed

EXCHANGES = recorded.exchanges() if corpus.FOLDER.is_dir() else []
ANSWERED = [one for one in EXCHANGES if one.status == 200]
WHOLE = [one for one in ANSWERED if not one.stream]
STREAMS = [one for one in ANSWERED if one.stream]
REFUSED = [one for one in EXCHANGES if one.status >= 400]
ASKED = [one for one in EXCHANGES if one.request_body]

OPAQUE = {"args", "response", "labels"}
REASONS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


def named(exchanges):
    return pytest.mark.parametrize("exchange", exchanges, ids=lambda one: one.id)


def camel(value, key=""):
    """Members in camelCase, but not in what is the user's own."""
    if key in OPAQUE:
        return value
    if isinstance(value, list):
        return [camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    words = {name: name.split("_") for name in value}
    return {
        head + "".join(map(str.capitalize, rest)): camel(value[name], name) for name, (head, *rest) in words.items()
    }


def contents(asked):
    found = []
    for content in camel(asked["contents"]):
        parts = [dict(part) for part in content["parts"]]
        for part in parts:
            if "inlineData" in part:
                part["inlineData"]["data"] = part["inlineData"]["data"].translate(str.maketrans("-_", "+/"))
        found.append({"role": content.get("role", "user"), "parts": parts})
    return joined(found)


def test_the_corpus_has_what_these_tests_are_about():
    assert not EXCHANGES or (len(WHOLE) > 40 and len(STREAMS) > 30 and REFUSED and ASKED)


@corpus.present
@named(ASKED)
def test_a_recorded_request_is_written_again_as_it_was(exchange):
    asked = recorded.asked(exchange)
    conversation = CODEC.read_request(asked)
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(conversation, losses, Quirks())
    assert losses.settle("Google", strict=True) == []
    for content in written.body["contents"]:
        for part in content["parts"]:
            if part.get("thoughtSignature") == "skip_thought_signature_validator":
                del part["thoughtSignature"]
    assert written.body["contents"] == contents(asked)
    method = "streamGenerateContent" if exchange.stream else "generateContent"
    assert written.path == f"models/{asked['model']}:{method}"
    assert written.query == ("alt=sse" if exchange.stream else "")
    again = CODEC.read_request({**written.body, "model": asked["model"], "stream": exchange.stream})
    assert again == conversation
    assert config(asked) == config(written.body)
    assert {tool["name"] for tool in functions(asked)} == {tool["name"] for tool in functions(written.body)}


def config(asked):
    """The generationConfig but for its schema, which `again` compares."""
    said = camel(asked.get("generationConfig") or asked.get("generation_config") or {})
    thinking = said.get("thinkingConfig", {})
    if "thinkingLevel" in thinking:
        thinking["thinkingLevel"] = thinking["thinkingLevel"].upper()
    return {name: value for name, value in said.items() if name not in ("responseSchema", "responseJsonSchema")}


def functions(asked):
    return [one for tool in camel(asked.get("tools", [])) for one in tool.get("functionDeclarations", ())]


@corpus.present
@named(WHOLE)
def test_a_recorded_answer_says_what_it_says(exchange):
    answer = json.loads(exchange.body)
    check(CODEC.read_answer(answer), recorded.Told([answer]))


@corpus.present
@named(STREAMS)
def test_a_recorded_stream_says_what_it_says(exchange):
    texts = recorded.chunks(exchange)
    found = streamed(texts)
    assert found.ended
    check(found.completion, recorded.Told([json.loads(text) for text in texts]))


def check(completion, told):
    [candidate] = completion.candidates
    parts = candidate.parts
    assert "".join(part.text for part in parts if isinstance(part, Text)) == told.text
    thoughts = [part for part in parts if isinstance(part, Thinking)]
    assert "".join(part.text for part in thoughts) == told.thoughts
    assert [part.signature for part in thoughts if part.signature] == told.signatures
    assert all(part.maker == OWN for part in thoughts if part.signature)
    calls = [part for part in parts if isinstance(part, ToolUse)]
    assert [(call.name, json.loads(call.arguments), call.signature) for call in calls] == [
        (name, args, signature) for name, _, args, signature in told.calls
    ]
    assert all(call.id == id for call, (_, id, _, _) in zip(calls, told.calls, strict=True) if id)
    assert len({call.id for call in calls}) == len(calls)
    natives = [part.name for part in parts if isinstance(part, Native)]
    assert [name for name in natives if not name.endswith("Metadata")] == told.others
    reason = "STOP" if told.reason == 1 else told.reason
    assert candidate.native_reason == reason
    assert candidate.reason == ("tool_use" if calls else REASONS[reason])
    usage = completion.usage
    counted = (usage.input_tokens, usage.output_tokens, usage.input_cached_tokens, usage.output_reasoning_tokens)
    assert counted == told.tokens()
    assert (completion.id, completion.model) == (told.id, told.model)


@corpus.present
@named(WHOLE)
def test_a_recorded_answer_is_the_same_as_a_stream_of_one_chunk_of_it(exchange):
    whole = CODEC.read_answer(json.loads(exchange.body))
    found = streamed([exchange.body]).completion
    whole.extras = {}
    assert found == whole


@corpus.present
@named(WHOLE)
def test_a_recorded_answer_is_written_so_that_it_reads_the_same_and_the_sdk_takes_it(exchange):
    whole = CODEC.read_answer(json.loads(exchange.body))
    written = CODEC.write_answer(whole, hello())
    parsed = sdk(msgspec.json.encode(written))
    told = recorded.Told([json.loads(exchange.body)])
    assert (parsed.text or "") == told.text
    assert [(call.name, call.args) for call in parsed.function_calls or ()] == [(one[0], one[2]) for one in told.calls]
    again = CODEC.read_answer(written)
    assert again == whole


@corpus.present
@named(STREAMS)
def test_a_recorded_stream_is_written_so_that_it_reads_the_same_and_the_sdk_takes_it(exchange):
    reader, writer = CODEC.reader(), CODEC.writer(hello(stream=True))
    events = [event for text in recorded.chunks(exchange) for event in reader.read(b"", text)]
    events += reader.end()
    assert isinstance(events[0], Start)
    body = b"".join(writer.write(event) for event in events)
    assert body.endswith(b"\r\n\r\n")
    texts = [event.text for event in Splitter().feed(body)]
    for text in texts:
        sdk(text)
    assert streamed(texts).completion == gathered(events).completion


@corpus.present
@named(STREAMS)
def test_a_recorded_stream_that_is_cut_short_fails(exchange):
    reader = CODEC.reader()
    for text in recorded.chunks(exchange):
        if json.loads(text)["candidates"][0].get("finishReason") is None:
            reader.read(b"", text)
    *_, last = reader.end()
    assert isinstance(last, Failed)
    assert last.fault.status == 502


@corpus.present
@named(STREAMS)
def test_a_stream_ends_with_its_reason_and_its_tokens(exchange):
    reader = CODEC.reader()
    for text in recorded.chunks(exchange):
        reader.read(b"", text)
    *_, finish, count, end = reader.end()
    assert (type(finish), type(count), type(end)) == (Finish, Count, End)


@corpus.present
@named(REFUSED)
def test_a_recorded_error_is_told(exchange):
    fault = CODEC.read_fault(exchange.status, exchange.body)
    said = json.loads(exchange.body)
    error = (said[0] if isinstance(said, list) else said)["error"]
    assert (fault.status, fault.message, fault.kind) == (exchange.status, error["message"], error["status"])
    written = CODEC.write_fault(fault)["error"]
    assert {name: written[name] for name in ("code", "message", "status")} == {
        name: error[name] for name in ("code", "message", "status")
    }


@corpus.present
@pytest.mark.parametrize("exchange", recorded.counted() if corpus.FOLDER.is_dir() else [], ids=lambda one: one.id)
def test_recorded_counts_of_tokens(exchange):
    total = counting.read_total(json.loads(exchange.body))
    assert total == json.loads(exchange.body)["totalTokens"]
    conversation = counting.read_count(recorded.asked(exchange))
    write = counting.write_vertex if exchange.provider == "vertex" else counting.write_studio
    written = write(conversation, Losses(CODEC.rules), Quirks())
    asked = written.body.get("generateContentRequest", written.body)
    assert asked["contents"] == contents(recorded.asked(exchange))
    assert written.path == f"models/{conversation.model}:countTokens"
