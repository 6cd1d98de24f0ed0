"""Whole answers, as Cohere documents them."""

from typing import get_args

import pytest
from cohere.types.chat_finish_reason import ChatFinishReason
from cohere.v2.types.v2chat_response import V2ChatResponse
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Text, Thinking, ToolUse
from gateway.translation.cohere_chat import CODEC

NAME = "cohere_chat"
DOCUMENT = {"type": "document", "id": "doc:3", "document": {"id": "doc:3", "title": "facts", "text": "…"}}


def answer(**fields):
    message = {"role": "assistant", **fields.pop("message", {})}
    given = {"id": "a", "finish_reason": "COMPLETE", "message": message, **fields}
    V2ChatResponse.model_validate(given)
    return given


def parts(**message):
    return CODEC.read_answer(answer(message=message)).candidates[0].parts


def cited(**fields):
    given = {"start": 0, "end": 2, "text": "It", "sources": [DOCUMENT], "type": "TEXT_CONTENT", **fields}
    content = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "It is."}]
    return parts(content=content, citations=[given])[1].citations


def test_plan_thoughts_words_and_calls():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    silent = {"id": "d", "type": "function", "function": {"name": "g", "arguments": ""}}
    content = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "So."}, {"type": "text", "text": ""}]
    assert parts(tool_plan="First f.", content=content, tool_calls=[call, silent]) == [
        Thinking("First f.", maker=NAME),
        Thinking("hm", maker=NAME),
        Text("So."),
        ToolUse("c", "f", '{"a":1}'),
        ToolUse("d", "g", "{}"),
    ]


@pytest.mark.parametrize("word", get_args(get_args(ChatFinishReason)[0]))
def test_every_reason_of_the_sdk_has_a_neutral_word(word):
    candidate = CODEC.read_answer(answer(finish_reason=word)).candidates[0]
    assert candidate.native_reason == word
    assert candidate.reason not in (None, "other")


def test_a_citation_knows_its_place_and_its_document():
    (citation,) = cited(content_index=1)
    assert (citation.kind, citation.source, citation.title) == ("document", "3", "facts")
    assert (citation.start, citation.end, citation.cited) == (0, 2, "It")
    assert citation.dialect == NAME
    assert [(one.source, one.start) for one in cited()] == [("3", 0)], "without a place it is the first text's"


def test_a_citation_of_several_sources_is_several_citations():
    tool = {"type": "tool", "id": "call_1:0", "tool_output": {"url": "https://a.example", "title": "A"}}
    first, second = cited(content_index=1, sources=[DOCUMENT, tool])
    assert first.native == second.native
    assert (second.kind, second.url, second.title, second.source) == ("url", "https://a.example", "A", "call_1:0")


def test_a_citation_without_sources_still_is_one():
    assert [one.cited for one in cited(content_index=1, sources=[])] == ["It"]


def test_citations_of_thoughts_have_no_place():
    assert cited(content_index=0, type="THINKING_CONTENT") == []
    assert cited(content_index=0) == []
    assert cited(type="PLAN") == []


def test_usage_is_what_the_model_processed():
    counts = {
        "billed_units": {"input_tokens": 1, "output_tokens": 2},
        "tokens": {"input_tokens": 10, "output_tokens": 20, "reasoning_tokens": 5, "image_tokens": 7},
        "cached_tokens": 4,
    }
    usage = CODEC.read_answer(answer(usage=counts)).usage
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (17, 20, 37)
    assert (usage.input_cached_tokens, usage.output_reasoning_tokens) == (4, 5)
    billed = CODEC.read_answer(answer(usage={"billed_units": counts["billed_units"]})).usage
    assert (billed.input_tokens, billed.output_tokens) == (1, 2)


def test_an_odd_count_is_as_if_it_were_absent():
    counts = {"tokens": {"input_tokens": 3, "output_tokens": "many"}, "cached_tokens": float("inf")}
    usage = CODEC.read_answer({"message": {}, "usage": counts}).usage
    assert (usage.input_tokens, usage.output_tokens, usage.input_cached_tokens) == (3, None, None)


def test_log_probabilities_have_openais_form():
    items = [{"text": "Hé", "token_ids": [1, 2], "logprobs": [-0.5, -0.25]}, {"text": "!", "token_ids": [3]}]
    assert CODEC.read_answer(answer(logprobs=items)).candidates[0].logprobs == {
        "content": [
            {"token": "Hé", "logprob": -0.75, "bytes": [72, 195, 169], "top_logprobs": []},
            {"token": "!", "logprob": 0, "bytes": [33], "top_logprobs": []},
        ],
        "refusal": None,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "type", "content", "content_index", "sources", "tool_calls", "function", "tokens", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_nothing_that_a_provider_says_raises(one, two, three):
    message = {"content": one, "citations": two, "tool_calls": three}
    CODEC.read_answer({"message": message, "usage": one, "logprobs": two, "finish_reason": three})
    CODEC.read_answer({"message": one, "usage": {"tokens": two, "cached_tokens": three}})
