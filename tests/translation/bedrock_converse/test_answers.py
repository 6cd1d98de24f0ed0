"""Whole answers, as AWS documents them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Media, Native, Text, Thinking, ToolUse
from gateway.translation.bedrock_converse import CODEC
from tests.translation.bedrock_converse.shapes import model

USAGE = {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8}


def answer(*blocks, **fields):
    message = {"role": "assistant", "content": list(blocks)}
    return {"output": {"message": message}, "stopReason": "end_turn", "usage": USAGE, **fields}


def parts(*blocks):
    return CODEC.read_answer(answer(*blocks)).candidates[0].parts


def test_words_thoughts_and_calls():
    assert parts(
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}},
        {"reasoningContent": {"redactedContent": "AAAA"}},
        {"text": "So."},
        {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}},
        {"toolUse": {"toolUseId": "t2", "name": "g", "input": {}}},
    ) == [
        Thinking("hm", "sig", maker="bedrock_converse"),
        Thinking(redacted="AAAA", maker="bedrock_converse"),
        Text("So."),
        ToolUse("t1", "f", '{"a":1}'),
        ToolUse("t2", "g", "{}"),
    ]


@pytest.mark.parametrize("word", model().shape_for("StopReason").enum)
def test_every_reason_that_aws_documents_has_a_neutral_word(word):
    candidate = CODEC.read_answer(answer(stopReason=word)).candidates[0]
    assert candidate.native_reason == word
    assert candidate.reason not in (None, "other")


def test_reasons_in_neutral_words():
    words = {
        "end_turn": "stop",
        "tool_use": "tool_use",
        "max_tokens": "length",
        "stop_sequence": "stop_sequence",
        "guardrail_intervened": "content_filter",
        "malformed_tool_use": "malformed",
        "model_context_window_exceeded": "context_length",
        "brand_new": "other",
    }
    for word, reason in words.items():
        assert CODEC.read_answer(answer(stopReason=word)).candidates[0].reason == reason


def test_the_stop_sequence_that_claude_met():
    fields = {"additionalModelResponseFields": {"stop_sequence": "|"}}
    assert CODEC.read_answer(answer(**fields)).candidates[0].stop_sequence == "|"


def test_usage_counts_cached_input_as_input():
    counts = {
        "inputTokens": 3,
        "outputTokens": 5,
        "totalTokens": 108,
        "cacheReadInputTokens": 60,
        "cacheWriteInputTokens": 40,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 30}, {"ttl": "5m", "inputTokens": 10}],
    }
    usage = CODEC.read_answer(answer(usage=counts)).usage
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (103, 5, 108)
    assert (usage.input_cached_tokens, usage.input_cache_write_tokens) == (60, 40)
    assert usage.input_cache_write_1h_tokens == 30


def test_an_odd_count_is_as_if_it_were_absent():
    usage = CODEC.read_answer(answer(usage={**USAGE, "cacheReadInputTokens": "many"})).usage
    assert (usage.input_tokens, usage.input_cached_tokens) == (3, None)


@pytest.mark.parametrize(
    ("location", "source", "expected"),
    [
        ({"web": {"url": "https://a.example", "domain": "a.example"}}, None, ("url", "https://a.example", "")),
        ({"documentChar": {"documentIndex": 2, "start": 0, "end": 9}}, None, ("document", "", "2")),
        ({"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}, None, ("document", "", "0")),
        (
            {"searchResultLocation": {"searchResultIndex": 1, "start": 0, "end": 1}},
            "https://b.example",
            ("document", "https://b.example", "1"),
        ),
    ],
)
def test_citations_of_every_kind(location, source, expected):
    given = {"title": "facts", "location": location, "sourceContent": [{"text": "It "}, {"text": "is."}]}
    given |= {"source": source} if source else {}
    (text,) = parts({"citationsContent": {"content": [{"text": "So it "}, {"text": "is."}], "citations": [given]}})
    (citation,) = text.citations
    assert text.text == "So it is."
    assert (citation.kind, citation.url, citation.source) == expected
    assert (citation.title, citation.cited) == ("facts", "It is.")
    assert (citation.native, citation.dialect) == (given, "bedrock_converse")


def test_what_bedrock_ran_itself_is_kept_as_it_stands():
    call = {"toolUse": {"toolUseId": "t1", "name": "nova_grounding", "input": {"q": 1}, "type": "server_tool_use"}}
    result = {"toolResult": {"toolUseId": "t1", "type": "nova_grounding_result", "content": []}}
    assert parts(call, result) == [
        Native("bedrock_converse", "nova_grounding", call),
        Native("bedrock_converse", "nova_grounding_result", result),
    ]


def test_an_image_in_an_answer():
    assert parts({"image": {"format": "png", "source": {"bytes": "iVBO"}}}) == [Media("image", "image/png", "iVBO")]
    broken = {"image": {"format": "png", "source": {}, "error": {"message": "no"}}}
    assert parts(broken) == [Native("bedrock_converse", "image", broken)]


def test_a_block_that_is_new_to_us_is_kept():
    assert parts({"hologram": {"x": 1}}) == [Native("bedrock_converse", "hologram", {"hologram": {"x": 1}})]


def test_tier_router_and_trace():
    trace = {"promptRouter": {"invokedModelId": "arn:aws:bedrock:us-east-1::foundation-model/x"}}
    completion = CODEC.read_answer(answer(serviceTier={"type": "flex"}, trace=trace, metrics={"latencyMs": 3}))
    assert completion.service_tier == "flex"
    assert completion.model == "arn:aws:bedrock:us-east-1::foundation-model/x"
    assert completion.extras == {"metrics": {"latencyMs": 3}, "trace": trace}
    assert completion.id == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "toolUse", "reasoningContent", "citationsContent", "image", "name", "input", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_nothing_that_a_provider_says_raises(blocks, usage, reason):
    CODEC.read_answer({"output": {"message": {"content": blocks}}, "usage": usage, "stopReason": reason})
    CODEC.read_answer({"output": blocks, "serviceTier": reason, "trace": usage})
