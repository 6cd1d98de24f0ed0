"""Whole answers, read."""

import pytest

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Text
from gateway.translation.gemini_generate import CODEC


def test_names_and_candidates():
    found = CODEC.read_answer(
        {
            "responseId": "r",
            "modelVersion": "m",
            "createTime": "2026-08-19T14:38:46.883489Z",
            "candidates": [
                {"content": {"parts": [{"text": "a"}, {"text": "b"}]}, "finishReason": "STOP", "avgLogprobs": -0.1},
                {"content": {"parts": [{"text": "c"}]}, "finishReason": "SAFETY", "index": 1, "finishMessage": "No."},
                {},
            ],
            "usageMetadata": {"promptTokenCount": 1, "serviceTier": "priority"},
        }
    )
    assert (found.id, found.model, found.created, found.service_tier) == ("r", "m", 1787150326, "priority")
    assert found.usage.input_tokens == 1
    assert found.candidates == [
        Candidate([Text("ab")], "stop", "STOP"),
        Candidate([Text("c")], "content_filter", "SAFETY", index=1),
        Candidate(index=2),
    ]
    assert found.extras == {"candidates.0.avgLogprobs": -0.1, "candidates.1.finishMessage": "No."}


def test_a_prompt_that_is_blocked():
    feedback = {"blockReason": "JAILBREAK", "blockReasonMessage": "No."}
    found = CODEC.read_answer({"promptFeedback": feedback})
    assert found.candidates == [Candidate(reason="content_filter", native_reason="JAILBREAK")]
    assert found.extras == {"promptFeedback": feedback}


def test_log_probabilities():
    result = {"chosenCandidates": [{"token": "a", "logProbability": -1}]}
    [candidate] = CODEC.read_answer({"candidates": [{"logprobsResult": result}]}).candidates
    assert [one["token"] for one in candidate.logprobs["content"]] == ["a"]


@pytest.mark.parametrize("odd", [{}, {"candidates": 3}, {"candidates": [3]}, {"usageMetadata": [], "responseId": 3}])
def test_an_odd_answer_is_an_empty_one(odd):
    assert CODEC.read_answer(odd) == Completion()
