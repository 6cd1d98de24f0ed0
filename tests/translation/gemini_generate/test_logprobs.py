"""Log probabilities."""

import pytest
from openai.types.chat.chat_completion import ChoiceLogprobs

from gateway.translation.gemini_generate.logprobs import read_logprobs, write_logprobs

GOOGLES = {
    "chosenCandidates": [{"token": "é", "logProbability": -0.5}, {"token": "b", "logProbability": -1}],
    "topCandidates": [
        {"candidates": [{"token": "é", "logProbability": -0.5}, {"token": "c", "logProbability": -2}]},
        {"candidates": []},
    ],
}


def test_googles_are_openais():
    found = read_logprobs(GOOGLES)
    first, second = ChoiceLogprobs.model_validate(found, strict=True).content
    assert (first.token, first.logprob, first.bytes) == ("é", -0.5, [195, 169])
    assert [one.token for one in first.top_logprobs] == ["é", "c"]
    assert (second.token, second.top_logprobs) == ("b", [])
    assert write_logprobs(found) == GOOGLES


@pytest.mark.parametrize("odd", [None, 3, [], {}, {"chosenCandidates": 3}, {"chosenCandidates": []}])
def test_nothing_is_none(odd):
    assert read_logprobs(odd) is None
    assert write_logprobs(odd) is None


def test_what_is_odd_is_as_if_it_were_absent():
    odd = {"chosenCandidates": [3, {"token": 3, "logProbability": True}], "topCandidates": [{"candidates": 3}]}
    empty = {"token": "", "logprob": 0.0, "bytes": [], "top_logprobs": []}
    assert read_logprobs(odd)["content"] == [empty, empty]
