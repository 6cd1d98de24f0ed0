"""Why an answer ended, both ways (https://ai.google.dev/api/generate-content#FinishReason)."""

from typing import Final

from gateway.conversation.answer import Reason

REASONS: Final[dict[str, Reason]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "MALFORMED_FUNCTION_CALL": "malformed",
    "MALFORMED_RESPONSE": "malformed",
    "UNEXPECTED_TOOL_CALL": "malformed",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "CONTINUATION": "pause",
    "TOO_MANY_TOOL_CALLS": "other",
    "IMAGE_OTHER": "other",
    "NO_IMAGE": "other",
    "OTHER": "other",
}
NUMBERS: Final = ("FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER")
"""Numbers of reasons on which AI Studio and Vertex AI agree; seen where a client asks for enum-encoding=int."""

WRITTEN: Final[dict[Reason, str]] = {
    "stop": "STOP",
    "stop_sequence": "STOP",
    "tool_use": "STOP",
    "length": "MAX_TOKENS",
    "context_length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "refusal": "SAFETY",
    "malformed": "MALFORMED_FUNCTION_CALL",
    "pause": "OTHER",
    "error": "OTHER",
    "other": "OTHER",
}


def word(reason: object) -> str:
    """Google's word for a finishReason, which may be a number; empty where there is none."""
    if isinstance(reason, str):
        return reason
    if isinstance(reason, int) and reason > 0:
        return NUMBERS[reason] if reason < len(NUMBERS) else "OTHER"
    return ""


def read_reason(native: str, *, calls: bool) -> Reason:
    """The neutral reason; Google says STOP also where it waits for tools."""
    if native == "STOP" and calls:
        return "tool_use"
    return REASONS.get(native, "other")


def write_reason(reason: Reason, native: str) -> str:
    """Google's word: its own where the answer is Google's, else the likeliest."""
    usual = WRITTEN[reason]
    known = REASONS.get(native)
    return native if known is not None and (known == reason or native == usual) else usual
