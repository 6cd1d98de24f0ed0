"""Whole answers as clients of this dialect get them."""

import json

import pytest
from google.genai import types

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking
from gateway.translation.gemini_generate import CODEC
from gateway.translation.gemini_generate.calls import made_id
from gateway.translation.gemini_generate.seals import unsealed
from tests.translation.gemini_generate.asking import MODEL, OWN, call, hello, sdk


def written(*parts, reason="stop", **fields):
    """The only candidate, which the official SDK reads."""
    answer = Completion("r", "m", candidates=[Candidate(list(parts), reason, **fields)])
    found = CODEC.write_answer(answer, hello())
    sdk(json.dumps(found).encode())
    return found["candidates"][0]


def parts(*given):
    return written(*given)["content"]["parts"]


def test_names_and_tokens():
    answer = Completion("r", "", 1787150326, [Candidate([Text("Hi")], "stop")], Usage(3, 4, 7), "default")
    assert CODEC.write_answer(answer, hello()) == {
        "candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 3,
            "candidatesTokenCount": 4,
            "totalTokenCount": 7,
            "serviceTier": "standard",
        },
        "modelVersion": MODEL,
        "createTime": "2026-08-19T14:38:46Z",
        "responseId": "r",
    }


def test_words_refusals_and_images():
    image = Media("image", "image/png", data="QQ==")
    assert parts(Text("Hi"), Text(""), Refusing("No."), image) == [
        {"text": "Hi"},
        {"text": "No."},
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
    ]


def test_nothing_is_a_content_without_parts():
    assert written(reason="length") == {"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}
    assert "finishReason" not in written(reason=None)


def test_calls_have_the_ids_that_their_maker_gave():
    assert parts(call("toolu_1"), call(made_id("x"), arguments="")) == [
        {"functionCall": {"id": "toolu_1", "name": "add", "args": {"a": 1}}},
        {"functionCall": {"name": "add", "args": {}}},
    ]


def test_a_call_that_cannot_be_read_is_why_it_ended():
    found = written(Text("Hi"), call("1", arguments='{"a":'), reason="tool_use")
    assert found["content"]["parts"] == [{"text": "Hi"}]
    assert (found["finishReason"], found["finishMessage"]) == (
        "MALFORMED_FUNCTION_CALL",
        "The arguments of a function call are no JSON object.",
    )


def test_foreign_signatures_are_bytes_to_the_sdk():
    thought = Thinking("Hm.", "sig", maker="anthropic_messages")
    hidden = Thinking(redacted="xyz", maker="anthropic_messages")
    first, second, third = parts(thought, hidden, call("1", signature="s", maker="openai_responses"))
    assert (first["text"], first["thought"], unsealed(first["thoughtSignature"]).signature) == ("Hm.", True, "sig")
    assert (second["text"], second["thought"]) == ("", True)
    assert unsealed(second["thoughtSignature"]) == hidden
    assert unsealed(third["thoughtSignature"]) == Thinking(signature="s", maker="openai_responses")


def test_thoughts_without_a_signature_have_none():
    assert parts(Thinking("Hm.", maker="openai_chat"), Text("Hi")) == [{"text": "Hm.", "thought": True}, {"text": "Hi"}]


def test_sources_of_others_become_grounding():
    cited = Text("Hi", [Citation("url", "https://a", "A", start=0, end=2)])
    found = written(Thinking("Hm."), Text("So:"), cited)
    [support] = found["groundingMetadata"]["groundingSupports"]
    assert support["segment"] == {"partIndex": 2, "startIndex": 0, "endIndex": 2, "text": "Hi"}


def test_googles_own_come_as_they_came_and_others_stay_away():
    grounding = {"webSearchQueries": ["a"]}
    code = {"executableCode": {"language": "PYTHON", "code": "1"}}
    found = written(
        Text("Hi", [Citation("url", "https://a", native={}, dialect=OWN)]),
        Native(OWN, "executableCode", code),
        Native(OWN, "groundingMetadata", grounding),
        Native("anthropic_messages", "server_tool_use", {"a": 1}),
    )
    assert found["content"]["parts"] == [{"text": "Hi"}, code]
    assert found["groundingMetadata"] == grounding


def test_log_probabilities():
    logprobs = {"content": [{"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}], "refusal": None}
    assert written(Text("a"), logprobs=logprobs)["logprobsResult"]["chosenCandidates"] == [
        {"token": "a", "logProbability": -1.0}
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "m"},
        {
            "promptFeedback": {"safetyRatings": []},
            "candidates": [{"content": {"role": "model"}, "finishReason": "SAFETY", "index": 0}],
            "modelVersion": "m",
        },
        {
            "candidates": [
                {
                    "content": {"parts": [{"text": "a"}], "role": "model"},
                    "finishReason": "STOP",
                    "index": number,
                    "avgLogprobs": -0.5,
                    "safetyRatings": [{"category": "A", "probability": "LOW"}],
                    "urlContextMetadata": {"urlMetadata": []},
                }
                for number in (0, 1)
            ],
            "modelVersion": "m",
            "responseId": "r",
            "createTime": "2026-08-19T14:38:46Z",
        },
    ],
)
def test_googles_own_answer_comes_through(said):
    assert CODEC.write_answer(CODEC.read_answer(said), hello()) == said


def test_other_dialects_extras_stay_away():
    answer = Completion("r", "m", candidates=[Candidate([Text("Hi")], "stop")], extras={"citations": ["https://a"]})
    assert CODEC.write_answer(answer, hello()).keys() == {"candidates", "modelVersion", "responseId"}


def test_the_sdk_sees_the_calls():
    answer = Completion("r", "m", candidates=[Candidate([call("1")], "tool_use")])
    response = sdk(json.dumps(CODEC.write_answer(answer, hello())).encode())
    assert response.function_calls == [types.FunctionCall(id="1", name="add", args={"a": 1})]
    assert response.candidates[0].finish_reason is types.FinishReason.STOP
