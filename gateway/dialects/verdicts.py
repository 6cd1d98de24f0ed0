"""What kind of failure an answer is: the conversation too long, or filtered; and what may be asked for twice."""

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from gateway import dialects
from gateway.call import Answer, Asked, Headers

Kind: TypeAlias = Literal["", "context_length", "content_filter", "error"]

LOOKED_AT: Final = 16384
"""Bytes of an error's body."""

# Codes and words of OpenAI, Azure, vLLM; Anthropic; Gemini; Bedrock; Cohere; Mistral; xAI; Ollama; Together.
TOO_LONG: Final = re.compile(
    rb"context[_ -]?(?:length|window|limit|size)[_ ](?:was |is |has been )?exceed|exceeds? (?:the )?(?:model'?s? )?"
    rb"(?:maximum |available )?context|maximum (?:context|prompt|input) length|(?:prompt|input|request) is too long"
    rb"|prompt_too_long|input token count|too many (?:input )?tokens|exceed context limit|reduce the length of"
    rb"|model_context_window_exceeded|`inputs` tokens|larger than the maximum context|too large for model with"
)
FILTERED: Final = re.compile(
    rb"content[_ -]?filter|content[_ ]policy|content_?management_?policy|responsibleaipolicyviolation"
    rb"|moderation_blocked|blocked by (?:our )?(?:safety|content)|data_?inspection_?failed|content exists risk"
    rb"|violat(?:es|ing) (?:our )?(?:usage|safety|content)|\"blockreason\"|guardrail_intervened|invalid_prompt"
    rb"|prohibited_content|image_safety"
)
# The reasons for which models and filters stop, in lower case.
STOPPED: Final[dict[str, Kind]] = {
    **dict.fromkeys(
        (
            "content_filter",
            "content-filter",
            "content_filtered",
            "refusal",
            "safety",
            "image_safety",
            "prohibited_content",
            "image_prohibited_content",
            "blocklist",
            "spii",
            "model_armor",
            "guardrail_intervened",
            "error_toxic",
            "sensitive",
        ),
        "content_filter",
    ),
    "model_context_window_exceeded": "context_length",
}
JUDGED: Final = frozenset((400, 403, 413, 422, 424))
"""The statuses in which such failures come."""
BLOCKED: Final = b'"blockReason"'
POINTLESS: Final = (b"insufficient_quota", b"billing_hard_limit_reached", b"billing_not_active")
# What makes something that stays: asked for twice, it is there twice. A dialect we do not know may be one.
STATEFUL: Final = frozenset(("", "openai_assistants", "replicate"))
SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))


def repeatable(method: str, dialect: str) -> bool:
    """Whether a request may be sent again when nobody knows whether it was carried out (RFC 9110 section 9.2.2)."""
    return method in SAFE or dialect not in STATEFUL


def pointless(body: bytes) -> bool:
    """Whether a 429 is one that no waiting mends: the money is gone."""
    return any(code in body for code in POINTLESS)


def failure(status: int, body: bytes) -> Kind:
    """Which of the two kinds the body of a failed call tells of, if any."""
    return words(body) if status in JUDGED else ""


def words(text: bytes) -> Kind:
    """The kind that an error's code or message names."""
    lower = text[:LOOKED_AT].lower()
    if TOO_LONG.search(lower):
        return "context_length"
    return "content_filter" if FILTERED.search(lower) else ""


def stopped(reasons: Sequence[str]) -> Kind:
    """The kind that finish reasons tell of."""
    for reason in reasons:
        if kind := STOPPED.get(reason.lower()):
            return kind
    return ""


def whole(asked: Asked, dialect: str, body: bytes) -> Kind:
    """The kind of a JSON answer with a good status."""
    if BLOCKED in body[:LOOKED_AT]:
        return "content_filter"
    said = dialects.whole(msgspec.structs.replace(asked, dialect=dialect, stream=False), 200, dialects.JSON, body)
    return stopped(said.finish_reasons) if said is not None else ""


def opening(asked: Asked, dialect: str, headers: Headers, chunk: bytes) -> Kind:
    """The kind of failure with which a stream begins; `error` for any other error, empty for none."""
    named = dict(headers)
    coding = named.get(b"content-encoding", b"")
    if not coding and b"rror" not in chunk and b"xception" not in chunk and BLOCKED not in chunk:
        return ""
    reads = msgspec.structs.replace(asked, dialect=dialect)
    meter = dialects.meter(reads, 200, named.get(b"content-type", b""), coding)
    if meter is None:
        return ""
    meter.feed(chunk)
    said: Answer = meter.finish()
    if said.error:
        return words(chunk) or "error"
    return "content_filter" if BLOCKED in chunk and not coding else stopped(said.finish_reasons)
