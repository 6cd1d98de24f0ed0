"""What kind of failure an answer is, in the words of the providers themselves."""

import pytest

from gateway.call import Asked
from gateway.dialects import verdicts

TOO_LONG = [
    b"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    b'{"error":{"code":"context_length_exceeded"}}',
    b"prompt is too long: 210000 tokens > 200000 maximum",
    b"input length and `max_tokens` exceed context limit: 198000 + 8000 > 200000",
    b"The input token count (1050000) exceeds the maximum number of tokens allowed (1048576).",
    b"Input is too long for requested model.",
    b"too many tokens: total number of tokens in the prompt cannot exceed 4081",
    b"Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    b"Please reduce the length of the messages or completion.",
    b"This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
    b"the input length exceeds the context length",
]
FILTERED = [
    b'{"error":{"code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
    b'{"error":{"code":"content_policy_violation"}}',
    b"Output blocked by content filtering policy",
    b'{"error":{"code":"moderation_blocked"}}',
    b"Content Exists Risk",
    b'{"code":"data_inspection_failed"}',
    b"Invalid prompt: your prompt was flagged as potentially violating our usage policy. invalid_prompt",
]
OTHERS = [
    b"Invalid value for 'temperature': expected a number.",
    b"max_tokens: 300000 > 64000, which is the maximum allowed number of output tokens",
    b"model not found",
    b"",
    b"\xff\x00",
]


@pytest.mark.parametrize("body", TOO_LONG)
def test_a_conversation_that_is_too_long(body):
    assert verdicts.failure(400, body) == "context_length"


@pytest.mark.parametrize("body", FILTERED)
def test_a_conversation_that_is_filtered(body):
    assert verdicts.failure(400, body) == "content_filter"


@pytest.mark.parametrize("body", OTHERS)
def test_any_other_mistake(body):
    assert verdicts.failure(400, body) == ""


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_other_statuses_tell_of_other_failures(status):
    assert verdicts.failure(status, TOO_LONG[0]) == ""


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [
        (("stop",), ""),
        (("stop", "content_filter"), "content_filter"),
        (("SAFETY",), "content_filter"),
        (("refusal",), "content_filter"),
        (("guardrail_intervened",), "content_filter"),
        (("ERROR_TOXIC",), "content_filter"),
        (("model_context_window_exceeded",), "context_length"),
        (("length",), ""),
        ((), ""),
    ],
)
def test_reasons_to_stop(reasons, kind):
    assert verdicts.stopped(reasons) == kind


@pytest.mark.parametrize(
    ("dialect", "body", "kind"),
    [
        ("openai_chat", b'{"choices":[{"index":0,"finish_reason":"content_filter"}]}', "content_filter"),
        ("openai_chat", b'{"choices":[{"index":0,"finish_reason":"stop"}]}', ""),
        ("anthropic_messages", b'{"type":"message","stop_reason":"refusal"}', "content_filter"),
        ("gemini_generate", b'{"promptFeedback":{"blockReason":"SAFETY"}}', "content_filter"),
        ("gemini_generate", b'{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}', "content_filter"),
        ("bedrock_converse", b'{"stopReason":"content_filtered"}', "content_filter"),
        ("unheard_of", b"{}", ""),
        ("openai_chat", b"no json", ""),
    ],
)
def test_whole_answers(dialect, body, kind):
    assert verdicts.whole(Asked("chat", "", "m"), dialect, body) == kind


EVENTS = [(b"content-type", b"text/event-stream")]


@pytest.mark.parametrize(
    ("dialect", "chunk", "kind"),
    [
        ("openai_chat", b'data: {"error":{"message":"x","code":"server_error"}}\n\n', "error"),
        ("openai_chat", b'data: {"error":{"message":"x","code":"context_length_exceeded"}}\n\n', "context_length"),
        ("openai_chat", b'data: {"choices":[{"delta":{"content":"an error"}}]}\n\n', ""),
        ("openai_chat", b'data: {"choices":[],"error":null}\n\n', ""),
        (
            "anthropic_messages",
            b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
            "error",
        ),
        ("anthropic_messages", b'event: ping\ndata: {"type":"ping"}\n\n', ""),
        ("gemini_generate", b'data: {"promptFeedback":{"blockReason":"SAFETY"}}\r\n\r\n', "content_filter"),
        ("openai_chat", b": comment\n\n", ""),
        ("openai_chat", b"", ""),
    ],
)
def test_how_a_stream_begins(dialect, chunk, kind):
    assert verdicts.opening(Asked("chat", "", "m", stream=True), dialect, EVENTS, chunk) == kind


def test_what_may_be_asked_for_twice():
    assert verdicts.repeatable("POST", "openai_chat")
    assert verdicts.repeatable("GET", "")
    assert verdicts.repeatable("DELETE", "")
    assert not verdicts.repeatable("POST", "")
    assert not verdicts.repeatable("PATCH", "")
    assert not verdicts.repeatable("POST", "openai_assistants")


def test_no_waiting_fills_a_purse():
    assert verdicts.pointless(b'{"error":{"code":"insufficient_quota"}}')
    assert not verdicts.pointless(b'{"error":{"code":"rate_limit_exceeded"}}')
