"""Whole answers of providers, read; what is odd in them is as if it were absent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.openai_chat import CODEC


def message(**said):
    """The parts of a message."""
    return choice(message={"role": "assistant", **said}).parts


def choice(**said):
    body = {"id": "1", "choices": [{"index": 0, "finish_reason": "stop", **said}]}
    return CODEC.read_answer(body).candidates[0]


def test_a_plain_answer():
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 5,
        "model": "m",
        "service_tier": "flex",
        "system_fingerprint": "fp",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "cost": 0.5},
    }
    assert CODEC.read_answer(body) == Completion(
        "chatcmpl-1",
        "m",
        5,
        [Candidate([Text("hi")], "stop", "stop")],
        Usage(3, 4, 7),
        "flex",
        "fp",
        {"usage.cost": 0.5},
    )


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ({"reasoning_content": "hm", "content": "x"}, [Thinking("hm"), Text("x")]),
        ({"reasoning": "hm", "content": "x"}, [Thinking("hm"), Text("x")]),
        ({"content": "<think>hm</think>x"}, [Text("<think>hm</think>x")]),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                    {"type": "text", "text": "x"},
                ]
            },
            [Thinking("hm"), Text("x")],
        ),
        (
            {
                "reasoning": "hm",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "hm", "signature": "c2ln", "format": "anthropic-claude-v1"}
                ],
            },
            [Thinking("hm", "anthropic-claude-v1~c2ln", maker="openai_chat")],
        ),
        (
            {
                "reasoning": "short",
                "reasoning_details": [
                    {"type": "reasoning.summary", "summary": "short"},
                    {"type": "reasoning.encrypted", "data": "ZW5j", "id": "rs_1", "format": "openai-responses-v1"},
                ],
            },
            [
                Thinking("short", summary=True),
                Thinking(redacted="openai-responses-v1~ZW5j", id="rs_1", maker="openai_chat"),
            ],
        ),
        (
            {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.encrypted", "data": "ZW5j"}]},
            [Thinking("hm"), Thinking(redacted="ZW5j", maker="openai_chat")],
        ),
        ({"content": None, "refusal": "no"}, [Refusing("no")]),
        ({"content": ""}, []),
        (
            {"content": "x", "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
            [Text("x"), Media("image", "image/png", "AAAA")],
        ),
        (
            {"content": None, "audio": {"id": "a", "data": "AAAA", "expires_at": 5, "transcript": "beep"}},
            [
                Media("audio", data="AAAA"),
                Native("openai_chat", "audio", {"id": "a", "expires_at": 5, "transcript": "beep"}),
            ],
        ),
        (
            {"content": "x", "executed_tools": [{"a": 1}]},
            [Text("x"), Native("openai_chat", "message.executed_tools", [{"a": 1}])],
        ),
        (
            {"function_call": {"name": "", "arguments": ""}, "audio": {"id": "", "data": ""}, "content": "x"},
            [Text("x")],
        ),
    ],
)
def test_everything_a_message_may_say(said, parts):
    assert message(**said) == parts


@pytest.mark.parametrize(
    ("call", "use"),
    [
        ({"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}, ToolUse("1", "f", "{}")),
        (
            {"id": "1", "type": "custom", "custom": {"name": "c", "input": "free"}},
            ToolUse("1", "c", "free", custom=True),
        ),
        ({"id": "null", "function": {"name": "f", "arguments": {"a": 1}}}, ToolUse("call_1_0_0", "f", '{"a":1}')),
        (
            {"id": "1", "function": {"name": "f"}, "extra_content": {"google": {"thought_signature": "c2ln"}}},
            ToolUse("1", "f", signature="c2ln", maker="openai_chat"),
        ),
    ],
)
def test_calls_of_every_kind(call, use):
    found = choice(message={"tool_calls": [call]}, finish_reason="tool_calls")
    assert found.parts == [use]
    assert found.reason == "tool_use"


def test_a_legacy_call_is_a_call():
    found = choice(message={"function_call": {"name": "f", "arguments": "{}"}}, finish_reason="function_call")
    assert found.parts == [ToolUse("call_1_0_0", "f", "{}")]
    assert found.reason == "tool_use"


def test_a_call_that_was_forced_ends_for_tool_use_though_it_says_stop():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    found = choice(message={"tool_calls": [call]}, finish_reason="stop")
    assert (found.reason, found.native_reason) == ("tool_use", "stop")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"finish_reason": "length"}, ("length", "length", None)),
        ({"finish_reason": "content_filter"}, ("content_filter", "content_filter", None)),
        ({"finish_reason": "eos"}, ("stop", "eos", None)),
        ({"finish_reason": "MAX_TOKENS"}, ("length", "MAX_TOKENS", None)),
        ({"finish_reason": "stop", "native_finish_reason": "STOP"}, ("stop", "STOP", None)),
        ({"finish_reason": "stop", "stop_reason": "###"}, ("stop_sequence", "stop", "###")),
        ({"finish_reason": "stop", "stop_reason": 128009}, ("stop", "stop", None)),
        ({"finish_reason": "who knows"}, ("other", "who knows", None)),
        ({"finish_reason": ""}, (None, "", None)),
        ({"finish_reason": "error", "error": {"code": 502}}, ("error", "error", None)),
    ],
)
def test_why_an_answer_ended(said, expected):
    found = choice(message={"content": "x"}, **said)
    assert (found.reason, found.native_reason, found.stop_sequence) == expected


def test_citations_and_other_annotations():
    page = {"url": "https://x", "title": "X", "start_index": 1, "end_index": 2, "content": "words"}
    annotations = [{"type": "url_citation", "url_citation": page}, {"type": "file", "file": {"hash": "h"}}]
    text, other = message(content="abc", annotations=annotations)
    assert text.citations == [
        Citation("url", "https://x", "X", "words", "", 1, 2, annotations[0], "openai_chat"),
    ]
    assert other == Native("openai_chat", "annotation", annotations[1])


def test_log_probabilities_and_their_empty_forms():
    scores = {"content": [{"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}], "refusal": None}
    assert choice(message={}, logprobs=scores).logprobs == scores
    for empty in (None, {"content": None, "refusal": None}, {"tokens": []}, 5):
        assert choice(message={}, logprobs=empty).logprobs is None


def test_what_a_provider_says_besides_is_among_the_extras():
    body = {
        "id": "1",
        "choices": [],
        "citations": ["https://x"],
        "search_results": [{"url": "https://x"}],
        "nothing": None,
    }
    assert CODEC.read_answer(body).extras == {"citations": ["https://x"], "search_results": [{"url": "https://x"}]}


def test_an_error_in_a_200_is_among_the_extras():
    assert CODEC.read_answer({"error": {"code": 502, "message": "no"}}).extras == {
        "error": {"code": 502, "message": "no"}
    }
    inner = {"choices": [{"error": {"code": 502}, "message": {"content": ""}}]}
    completion = CODEC.read_answer(inner)
    assert (completion.candidates[0].reason, completion.extras) == ("error", {"error": {"code": 502}})


def test_usage_only_in_an_extension():
    body = {"choices": [], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}}
    assert CODEC.read_answer(body).usage == Usage(3, 4, 7)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WORDS = [
    "id",
    "created",
    "model",
    "choices",
    "usage",
    "service_tier",
    "system_fingerprint",
    "x_groq",
    "index",
    "message",
]
WORDS += ["delta", "finish_reason", "logprobs", "content", "refusal", "reasoning", "reasoning_details", "tool_calls"]
WORDS += ["audio", "annotations", "images", "extra_content", "function", "function_call", "name", "arguments", "type"]
WORDS += ["text", "thinking", "image_url", "url", "url_citation", "prompt_tokens", "completion_tokens", "signature"]
ODD = st.recursive(
    JSON | st.sampled_from(["text", "thinking", "reasoning.text", "image_url"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from(WORDS), ODD, max_size=8), ODD)
def test_no_answer_is_so_odd_that_reading_it_raises(body, other):
    CODEC.read_answer(body)
    CODEC.read_answer({"choices": [{"message": other}, other]})
