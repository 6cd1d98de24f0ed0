"""What one candidate says, whole and in chunks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Media, Native, Text, Thinking, ToolUse
from gateway.translation.gemini_generate import CODEC
from gateway.translation.gemini_generate.calls import parsed
from tests.translation.gemini_generate.asking import OWN
from tests.translation.gemini_generate.gathered import streamed

SEAL = Thinking(signature="abc=", maker=OWN, summary=True)
STOP = {"finishReason": "STOP"}
WEB = {
    "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}],
    "groundingSupports": [{"segment": {"endIndex": 2, "text": "Hi"}, "groundingChunkIndices": [0]}],
}


def chunk(*parts, **candidate):
    said = {"content": {"role": "model", "parts": list(parts)}, **candidate}
    return {"candidates": [said], "modelVersion": "m", "responseId": "r"}


def told(*chunks):
    """The parts of a stream."""
    found = streamed([json.dumps(one).encode() for one in chunks])
    assert found.ended
    return found.completion.candidates[0].parts


def test_thoughts_then_words():
    first = {"text": "H", "thought": True}
    assert told(chunk(first), chunk({"text": "m", "thought": True}), chunk({"text": "Hi"}, **STOP)) == [
        Thinking("Hm", summary=True),
        Text("Hi"),
    ]


def test_a_signature_behind_words_stands_behind_them():
    sealed = {"text": "", "thoughtSignature": "abc="}
    assert told(chunk({"text": "H"}), chunk({"text": "i"}), chunk(sealed, **STOP)) == [Text("Hi"), SEAL]
    assert told(chunk({"text": "Hi", "thoughtSignature": "abc="}, **STOP)) == [Text("Hi"), SEAL]
    assert told(chunk({"thoughtSignature": "abc="}), chunk({"text": "Hi"}, **STOP)) == [SEAL, Text("Hi")]
    assert told(chunk({"text": "Hi", "thoughtSignature": "abc="}, sealed, **STOP)) == [Text("Hi"), SEAL, SEAL]
    assert told(chunk({"text": "H", "thoughtSignature": "abc="}, {"text": "i"}, **STOP)) == [Text("H"), SEAL, Text("i")]


def test_a_thought_ends_with_its_signature():
    sealed = Thinking("Hm", "abc=", maker=OWN, summary=True)
    thought = {"text": "Hm", "thought": True, "thoughtSignature": "abc="}
    assert told(chunk(thought, thought, **STOP)) == [sealed, sealed]
    parts = [{"text": "Hm", "thought": True}, {"text": "", "thought": True, "thoughtSignature": "abc="}]
    assert told(chunk(*parts, **STOP)) == [sealed]
    assert told(chunk(parts[1], **STOP)) == [SEAL]


def test_a_call_without_an_id_gets_one_that_is_always_the_same():
    call = {"functionCall": {"name": "add", "args": {"a": 1, "b": [None, 2.5]}}, "thoughtSignature": "abc="}
    first, second = told(chunk(call, {"functionCall": {"name": "add"}}, **STOP))
    assert first == ToolUse(first.id, "add", '{"a":1,"b":[null,2.5]}', signature="abc=", maker=OWN)
    assert second.arguments == "{}"
    assert first.id != second.id
    assert told(chunk(call), chunk({"functionCall": {"name": "add"}}, **STOP)) == [first, second]
    [candidate] = CODEC.read_answer(chunk(call, {"functionCall": {"name": "add"}}, **STOP)).candidates
    assert candidate.parts == [first, second]
    assert candidate.reason == "tool_use"


def test_a_call_with_an_id_keeps_it():
    [call] = told(chunk({"functionCall": {"id": "8hd01vsf", "name": "add", "args": {}}}, **STOP))
    assert call.id == "8hd01vsf"


def test_arguments_in_pieces_are_one_call():
    def more(**call):
        return chunk({"functionCall": call})

    def piece(words):
        return {"partialArgs": [{"jsonPath": "$.city", "stringValue": words, "willContinue": True}]}

    begun = chunk({"functionCall": {"name": "f", "id": "1", "willContinue": True}, "thoughtSignature": "abc="})
    parts = told(
        begun, more(**piece("New "), willContinue=True), more(**piece("York"), willContinue=True), more(), chunk(**STOP)
    )
    assert parts == [ToolUse("1", "f", '{"city":"New York"}', signature="abc=", maker=OWN)]
    [cut] = told(begun, more(**piece("New "), willContinue=True), chunk(**STOP))
    assert parsed(cut.arguments) is None


@pytest.mark.parametrize("signature", [{}, {"thoughtSignature": "abc="}])
def test_images_come_whole(signature):
    image = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}, **signature}
    found = told(chunk({"text": "See:"}, image, **STOP))
    assert found == [Text("See:"), Media("image", "image/png", data="QQ=="), *([SEAL] if signature else [])]


def test_what_only_google_knows_passes():
    code = {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "abc="}
    sketch = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}, "thought": True}
    new = {"hologram": {"a": 1}}
    odd = {"inlineData": {"mimeType": 3}}
    assert told(chunk(code, sketch, new, odd, **STOP)) == [
        Native(OWN, "executableCode", code),
        Native(OWN, "inlineData", sketch),
        Native(OWN, "hologram", new),
        Native(OWN, "inlineData", odd),
    ]


def test_words_with_something_beside_them_are_words():
    assert told(chunk({"text": "Hi", "partMetadata": {"a": 1}}, **STOP)) == [Text("Hi")]


def test_sources_belong_to_the_last_words():
    parts = told(
        chunk({"text": "H"}, groundingMetadata={}),
        chunk({"text": "i"}, groundingMetadata=WEB),
        chunk({"text": "", "thoughtSignature": "abc="}, **STOP),
    )
    words, seal, native = parts
    [citation] = words.citations
    assert (citation.url, citation.start, citation.end) == ("https://a", 0, 2)
    assert (seal, native) == (SEAL, Native(OWN, "groundingMetadata", WEB))


def test_log_probabilities_add_up():
    def one(token):
        return {"logprobsResult": {"chosenCandidates": [{"token": token, "logProbability": -1}]}}

    found = streamed([json.dumps(chunk({"text": "a"}, **one("a"), **more)).encode() for more in ({}, STOP)])
    assert [entry["token"] for entry in found.completion.candidates[0].logprobs["content"]] == ["a", "a"]


WORDS = st.text(st.sampled_from("aé😀 "), min_size=1, max_size=6)
SIGNED = st.sampled_from([{}, {"thoughtSignature": "abc="}])
PARTS = st.lists(
    st.one_of(
        st.builds(lambda text, more: {"text": text, **more}, WORDS, SIGNED),
        st.builds(lambda text, more: {"text": text, "thought": True, **more}, WORDS, SIGNED),
        st.builds(lambda more: {"functionCall": {"name": "f", "args": {"a": 1}}, **more}, SIGNED),
        st.builds(lambda more: {"inlineData": {"mimeType": "image/png", "data": "QQ=="}, **more}, SIGNED),
        st.just({"codeExecutionResult": {"outcome": "OUTCOME_OK"}}),
    ),
    max_size=6,
)


def cut(parts, data):
    """The parts as Google streams them: words in pieces, their signature with the last or behind it."""
    for part in parts:
        words = part.get("text", "")
        at = data.draw(st.integers(0, len(words)))
        if not words:
            yield part
            continue
        beside = {name: part[name] for name in ("thought",) if name in part}
        yield {"text": words[:at], **beside}
        yield {**part, "text": words[at:]}


@given(PARTS, st.data())
def test_whole_and_in_chunks_is_the_same(parts, data):
    whole = CODEC.read_answer(chunk(*parts, groundingMetadata=WEB, **STOP))
    pieces = list(cut(parts, data))
    at = data.draw(st.integers(0, len(pieces)))
    stream = [chunk(*pieces[:at]), *(chunk(piece) for piece in pieces[at:]), chunk(groundingMetadata=WEB, **STOP)]
    found = streamed([json.dumps(one).encode() for one in stream])
    assert found.completion == whole
