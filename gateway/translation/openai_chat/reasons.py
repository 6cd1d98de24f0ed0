"""Why an answer ended, in this dialect's words and in those of the many who speak it."""

from typing import Final

from gateway.conversation.answer import Reason

READ: Final[dict[str, Reason]] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "complete": "stop",
    "completed": "stop",
    "stop_sequence": "stop_sequence",
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_use",
    "tool_call": "tool_use",
    "tool_use": "tool_use",
    "function_call": "tool_use",
    "content_filter": "content_filter",
    "content-filter": "content_filter",
    "sensitive": "content_filter",
    "safety": "content_filter",
    "prohibited_content": "content_filter",
    "refusal": "refusal",
    "pause_turn": "pause",
    "model_context_window_exceeded": "context_length",
    "malformed_function_call": "malformed",
    "error": "error",
    "network_error": "error",
    "insufficient_system_resource": "error",
}

WRITTEN: Final[dict[Reason, str]] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "tool_use": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",
    "pause": "stop",
    "context_length": "length",
    # The only word for an answer that is not whole.
    "malformed": "length",
    "error": "length",
    "other": "stop",
}


def reason(word: str, *, calls: bool) -> Reason:
    """The neutral reason; `stop` beside tool calls is one for using them (OpenAI says so when the tool was named)."""
    found = READ.get(word) or READ.get(word.lower(), "other")
    return "tool_use" if calls and found == "stop" else found


def finish(reason: Reason | None, *, calls: bool, legacy: bool) -> str:
    """`finish_reason`; `legacy` clients know functions and no tools."""
    word = "tool_calls" if calls and reason in (None, "stop") else WRITTEN[reason or "stop"]
    return "function_call" if legacy and word == "tool_calls" else word
