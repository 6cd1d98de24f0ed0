"""Why an answer ended: `status`, `incomplete_details` and `error` on this side, a reason on the other."""

from typing import Final

import msgspec

from gateway.conversation.answer import Fault, Reason
from gateway.conversation.parts import Part, Refusing, Text, ToolUse
from gateway.translation.codec import Json
from gateway.translation.values import soft

INCOMPLETE: Final[dict[str, Reason]] = {
    "max_output_tokens": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}

UNFINISHED: Final = ("queued", "in_progress", "cancelled")
"""States of a response that runs in the background, under which it is written again."""

WHOLE: Final = ("", "completed", "complete")

CODES: Final = {400: "invalid_prompt", 413: "invalid_prompt", 429: "rate_limit_exceeded"}
"""`error.code` of a failed response by HTTP status."""


class Seen(msgspec.Struct):
    """What parts an answer has, as far as its reason depends on them."""

    words: bool = False
    refusal: bool = False
    calls: bool = False

    def note(self, part: Part) -> None:
        """Take one more part into account."""
        self.words = self.words or isinstance(part, Text)
        self.refusal = self.refusal or isinstance(part, Refusing)
        self.calls = self.calls or isinstance(part, ToolUse)


def read_reason(response: Json, seen: Seen) -> tuple[Reason, str]:
    """The neutral reason and the provider's word for it."""
    status = soft(response.get("status"), str, "")
    details = soft(response.get("incomplete_details"), dict, {})
    word = soft(details.get("reason"), str, "")
    if status == "failed":
        return "error", status
    if status == "incomplete" or word:
        return INCOMPLETE.get(word, "other"), word or status
    if status not in WHOLE:
        return "other", status
    if seen.calls:
        return "tool_use", status
    return ("refusal" if seen.refusal and not seen.words else "stop"), status


def write_outcome(reason: Reason | None, native: str, *, refused: bool) -> Json:
    """`status` with what belongs to it; `refused` is whether the answer has words of refusal."""
    if reason in ("length", "context_length"):
        return _ended("incomplete", {"reason": "max_output_tokens"})
    if reason == "content_filter" or (reason == "refusal" and not refused):
        return _ended("incomplete", {"reason": "content_filter"})
    if reason == "pause":
        return _ended("incomplete", {})
    if reason == "malformed":
        return _ended("failed", error={"code": "server_error", "message": "The model's tool call cannot be read."})
    if reason == "error":
        return _ended("failed", error={"code": "server_error", "message": "The provider failed to finish the answer."})
    if reason in (None, "other") and native in UNFINISHED:
        return _ended(native)
    if reason == "other" and native == "incomplete":
        return _ended("incomplete", {})
    return _ended("completed")


def write_failure(fault: Fault) -> Json:
    """`status` of an answer that broke off with an error."""
    code = fault.code or CODES.get(fault.status, "server_error")
    return _ended("failed", error={"code": code, "message": fault.message})


def _ended(status: str, details: Json | None = None, error: Json | None = None) -> Json:
    """The three members together."""
    return {"status": status, "incomplete_details": details, "error": error}
