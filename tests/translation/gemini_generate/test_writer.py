"""A client's stream."""

import json

import pytest

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.conversation.events import (
    Add,
    Cite,
    Close,
    Count,
    End,
    Failed,
    Finish,
    Logprobs,
    Open,
    Sign,
    Start,
)
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.gemini_generate import CODEC
from gateway.translation.gemini_generate.seals import unsealed
from tests.translation.gemini_generate.asking import MODEL, OWN, hello, sdk

NAMES = {"modelVersion": "m", "createTime": "2026-08-19T14:38:46Z", "responseId": "r"}
START = Start("r", "m", 1787150326)


def stream(*events, start=START, finish=True):
    """The chunks, each of which the official SDK reads."""
    writer = CODEC.writer(hello(stream=True))
    ending = (Finish(0, "stop"), End()) if finish else ()
    body = b"".join(writer.write(event) for event in (start, *events, *ending))
    if not body:
        return []
    assert body.endswith(b"\r\n\r\n")
    chunks = [one.removeprefix(b"data: ") for one in body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")]
    for chunk in chunks:
        if b'"error"' not in chunk:
            sdk(chunk)
    return [json.loads(chunk) for chunk in chunks]


def parts(*events):
    """The parts of all chunks but the last."""
    return [part for chunk in stream(*events)[:-1] for part in chunk["candidates"][0]["content"]["parts"]]


def test_words_come_as_they_come():
    first, second, last = stream(Open(0, 0, Text()), Add(0, 0, "Hé"), Add(0, 0, '"\n'), Close(0, 0))
    assert first == {"candidates": [{"content": {"parts": [{"text": "Hé"}], "role": "model"}, "index": 0}], **NAMES}
    assert second["candidates"][0]["content"]["parts"] == [{"text": '"\n'}]
    assert last == {
        "candidates": [
            {"content": {"parts": [{"text": ""}], "role": "model"}, "index": 0, "finishReason": "STOP"},
        ],
        **NAMES,
    }


def test_the_model_asked_for_stands_in_for_one_that_is_not_said():
    [last] = stream(start=Start())
    assert last["modelVersion"] == MODEL
    assert "responseId" not in last


def test_a_refusal_is_words():
    assert parts(Open(0, 0, Refusing()), Add(0, 0, "No."), Close(0, 0)) == [{"text": "No."}]


def test_thoughts_and_their_signature():
    events = [
        Open(0, 0, Thinking()),
        Add(0, 0, "H"),
        Add(0, 0, "m"),
        Sign(0, 0, "sig", "anthropic_messages"),
        Close(0, 0),
    ]
    first, second, seal = parts(*events)
    assert [first, second] == [{"text": "H", "thought": True}, {"text": "m", "thought": True}]
    assert (seal["text"], seal["thought"]) == ("", True)
    assert unsealed(seal["thoughtSignature"]).signature == "sig"
    assert parts(Open(0, 0, Thinking()), Add(0, 0, "H"), Close(0, 0)) == [{"text": "H", "thought": True}]


def test_encrypted_thoughts_are_given_too():
    thought = Thinking(redacted="xyz", maker="anthropic_messages")
    [seal] = parts(Open(0, 0, thought), Close(0, 0))
    assert unsealed(seal["thoughtSignature"]) == thought


def test_googles_own_signature_ends_the_words():
    events = [
        Open(0, 0, Text()),
        Add(0, 0, "Hi"),
        Close(0, 0),
        Open(0, 1, Thinking()),
        Sign(0, 1, "abc=", OWN),
        Close(0, 1),
    ]
    assert parts(*events) == [{"text": "Hi"}, {"text": "", "thoughtSignature": "abc="}]


def test_a_call_is_written_when_it_is_whole():
    writer = CODEC.writer(hello(stream=True))
    for event in (START, Open(0, 0, ToolUse("1", "add")), Add(0, 0, '{"a"'), Add(0, 0, ":1}"), Sign(0, 0, "abc=", OWN)):
        assert writer.write(event) == b""
    chunk = json.loads(writer.write(Close(0, 0)).removeprefix(b"data: "))
    assert chunk["candidates"][0]["content"]["parts"] == [
        {"functionCall": {"id": "1", "name": "add", "args": {"a": 1}}, "thoughtSignature": "abc="}
    ]


def test_calls_side_by_side():
    events = [
        Open(0, 0, ToolUse("1", "a")),
        Open(0, 1, ToolUse("2", "b")),
        Add(0, 1, "{}"),
        Add(0, 0, '{"x":1}'),
        Close(0, 0),
        Close(0, 1),
    ]
    assert [part["functionCall"] for part in parts(*events)] == [
        {"id": "1", "name": "a", "args": {"x": 1}},
        {"id": "2", "name": "b", "args": {}},
    ]


def test_a_call_that_cannot_be_read_is_why_it_ended():
    [last] = stream(Open(0, 0, ToolUse("1", "a")), Add(0, 0, '{"x":'), Close(0, 0))
    [candidate] = last["candidates"]
    assert candidate["finishReason"] == "MALFORMED_FUNCTION_CALL"


def test_files_and_googles_own_parts_pass():
    code = {"executableCode": {"language": "PYTHON", "code": "1"}}
    events = [
        Open(0, 0, Media("image", "image/png", data="QQ==")),
        Close(0, 0),
        Open(0, 1, Native(OWN, "executableCode", code)),
        Close(0, 1),
        Open(0, 2, Native("anthropic_messages", "server_tool_use", {})),
        Close(0, 2),
    ]
    assert parts(*events) == [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}, code]


def test_sources_stand_in_the_last_chunk():
    citation = Citation("url", "https://a", "A", start=0, end=2)
    events = [Open(0, 0, Text()), Add(0, 0, "H"), Add(0, 0, "i"), Cite(0, 0, citation), Close(0, 0)]
    [support] = stream(*events)[-1]["candidates"][0]["groundingMetadata"]["groundingSupports"]
    assert support["segment"]["text"] == "Hi"
    own = Native(OWN, "groundingMetadata", {"webSearchQueries": ["a"]})
    last = stream(*events, Open(0, 1, own), Close(0, 1))[-1]
    assert last["candidates"][0]["groundingMetadata"] == {"webSearchQueries": ["a"]}


def test_events_are_not_written_into():
    text, thought = Text(), Thinking()
    stream(
        Open(0, 0, text),
        Add(0, 0, "H"),
        Cite(0, 0, Citation()),
        Close(0, 0),
        Open(0, 1, thought),
        Sign(0, 1, "abc=", OWN),
        Close(0, 1),
    )
    assert (text, thought) == (Text(), Thinking())


def test_the_last_count_is_the_whole_field_by_field():
    counts = [Count(Usage(input_tokens=3)), Count(Usage(output_tokens=4, output_reasoning_tokens=1), "flex")]
    assert stream(counts[0], Finish(0, "stop"), counts[1], End(), finish=False)[-1]["usageMetadata"] == {
        "promptTokenCount": 3,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 1,
        "totalTokenCount": 7,
        "serviceTier": "flex",
    }


def test_log_probabilities_are_a_chunk():
    value = {"content": [{"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}], "refusal": None}
    first, _ = stream(Logprobs(0, value))
    assert first["candidates"][0]["logprobsResult"]["chosenCandidates"] == [{"token": "a", "logProbability": -1.0}]
    assert len(stream(Logprobs(0, {"content": []}))) == 1


def test_candidates_end_together():
    events = [Open(1, 0, Text()), Add(1, 0, "b"), Close(1, 0), Finish(1, "length"), Finish(0, "stop"), End()]
    first, last = stream(*events, finish=False)
    assert first["candidates"][0]["index"] == 1
    assert [(one["index"], one["finishReason"]) for one in last["candidates"]] == [(1, "MAX_TOKENS"), (0, "STOP")]


@pytest.mark.parametrize("last", [End(), Failed(Fault(503, "Overloaded."))])
def test_nothing_follows_the_end(last):
    writer = CODEC.writer(hello(stream=True))
    for event in (START, Open(0, 0, Text()), last):
        writer.write(event)
    assert writer.write(Add(0, 0, "Hi")) == b""
    assert writer.write(End()) == b""


def test_an_error_in_mid_stream():
    _, last = stream(Open(0, 0, Text()), Add(0, 0, "Hi"), Failed(Fault(503, "Overloaded.")), finish=False)
    assert last == {"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}


def test_words_for_no_part_are_nothing():
    assert stream(Add(0, 0, "Hi"), Close(0, 0), Add(3, 3, "x"), finish=False) == []
