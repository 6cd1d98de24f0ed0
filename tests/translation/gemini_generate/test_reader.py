"""Google's stream as events."""

import json

import pytest

from gateway.conversation.events import Add, Close, Count, End, Failed, Finish, Open, Start
from gateway.conversation.parts import Text
from gateway.translation.gemini_generate import CODEC
from gateway.translation.gemini_generate.reader import seconds
from tests.translation.gemini_generate.gathered import streamed


def chunk(*parts, index=None, usage=None, **candidate):
    said = {"content": {"role": "model", "parts": list(parts)}, **candidate}
    if index is not None:
        said["index"] = index
    told = {"candidates": [said], "modelVersion": "gemini-x", "responseId": "r1"}
    return json.dumps({**told, "usageMetadata": usage} if usage else told).encode()


def text(words, **more):
    return chunk({"text": words}, **more)


STOP = {"finishReason": "STOP"}


def test_words_are_one_part():
    reader = CODEC.reader()
    assert reader.read(b"", text("Hel", usage={"promptTokenCount": 3})) == [
        Start("r1", "gemini-x"),
        Open(0, 0, Text()),
        Add(0, 0, "Hel"),
    ]
    usage = {"promptTokenCount": 2, "candidatesTokenCount": 5, "serviceTier": "flex"}
    assert reader.read(b"", text("lo", **STOP, usage=usage)) == [Add(0, 0, "lo")]
    close, finish, count, end = reader.end()
    assert (close, finish, end) == (Close(0, 0), Finish(0, "stop", "STOP"), End())
    assert isinstance(count, Count)
    assert (count.usage.input_tokens, count.usage.output_tokens, count.service_tier) == (2, 5, "flex")
    assert list(reader.end()) == []


def test_an_empty_text_is_nothing():
    reader = CODEC.reader()
    assert reader.read(b"", text("")) == [Start("r1", "gemini-x")]


def test_a_reason_in_every_chunk_ends_nothing_before_the_end():
    found = streamed([text("a", **STOP), text("b", **STOP)])
    assert found.ended
    assert found.completion.candidates[0].parts == [Text("ab")]


def test_candidates_are_apart():
    found = streamed(
        [
            text("a", index=0),
            text("b", index=1),
            text("c", index=0, finishReason="MAX_TOKENS"),
            text("d", index=1, **STOP),
        ]
    )
    first, second = found.completion.candidates
    assert (first.parts, first.reason) == ([Text("ac")], "length")
    assert (second.parts, second.reason) == ([Text("bd")], "stop")


def test_a_stream_that_is_cut_short_fails():
    reader = CODEC.reader()
    reader.read(b"", text("a", usage={"promptTokenCount": 3}))
    [failed] = reader.end()
    assert failed.fault.status == 502
    both = streamed([text("a", index=0), text("b", index=1, **STOP)])
    assert both.fault.status == 502
    assert streamed([]).fault.status == 502


@pytest.mark.parametrize("odd", [b"", b"{", b"3", b'"x"', b"[3]", b"null", b"[" * 100_000])
def test_what_cannot_be_read_fails(odd):
    reader = CODEC.reader()
    *_, failed = reader.read(b"", odd)
    assert isinstance(failed, Failed)
    assert failed.fault.status == 502
    assert list(reader.read(b"", text("a", **STOP))) == []
    assert list(reader.end()) == []


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"candidates": 3},
        {"candidates": [3]},
        {"candidates": [{"content": 3}]},
        {"candidates": [{"content": {"parts": 3}}]},
        {"candidates": [{"content": {"parts": [3, {}, {"text": 3}, {"functionCall": 3}, {"inlineData": 3}]}}]},
        {"candidates": [{"groundingMetadata": 3, "logprobsResult": 3, "index": "x", "finishReason": []}]},
        {"candidates": [{"content": {"parts": [{"functionCall": {"name": 3, "args": 3, "id": 3}}]}, "index": -1}]},
        {"usageMetadata": 3, "promptFeedback": 3, "modelVersion": 3, "responseId": 3, "createTime": 3},
        {"usageMetadata": {"promptTokenCount": "x"}},
    ],
)
def test_what_is_odd_is_as_if_it_were_absent(odd):
    found = streamed([json.dumps(odd).encode(), text("Hello", **STOP)])
    assert found.ended
    assert found.completion.candidates[0].parts[-1] == Text("Hello")


@pytest.mark.parametrize("form", ["{}", "[{}]"])
def test_an_error_in_mid_stream(form):
    error = '{"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}'
    found = streamed([text("a"), form.replace("{}", error).encode()])
    assert (found.fault.status, found.fault.message, found.fault.kind) == (503, "Overloaded.", "UNAVAILABLE")


def test_elements_of_an_array_are_chunks():
    both = b"[" + text("a") + b"," + text("b", **STOP) + b"]"
    assert streamed([both]).completion == streamed([text("a"), text("b", **STOP)]).completion


@pytest.mark.parametrize(
    ("reason", "word"), [("SAFETY", "SAFETY"), ("PROHIBITED_CONTENT", "PROHIBITED_CONTENT"), (4, "SAFETY")]
)
def test_a_prompt_that_is_blocked(reason, word):
    found = streamed([json.dumps({"promptFeedback": {"blockReason": reason}, "responseId": "r"}).encode()])
    assert found.ended
    [candidate] = found.completion.candidates
    assert (candidate.parts, candidate.reason, candidate.native_reason) == ([], "content_filter", word)


@pytest.mark.parametrize(
    ("time", "number"),
    [
        ("2026-08-19T14:38:46.883489Z", 1787150326),
        ("2026-08-19T14:38:46.883489123Z", 1787150326),
        ("2026-08-19T14:38:46Z", 1787150326),
        ("yesterday", 0),
        ("0001-01-01T00:00:00Z", 0),
        (None, 0),
        (3, 0),
    ],
)
def test_when(time, number):
    assert seconds(time) == number
