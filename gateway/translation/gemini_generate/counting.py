"""Counting tokens without an answer: AI Studio's and Vertex AI's countTokens, which ask in different forms."""

from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json, Quirks, Written
from gateway.translation.gemini_generate import models
from gateway.translation.gemini_generate.requests_in import read_request
from gateway.translation.gemini_generate.requests_out import write_body
from gateway.translation.gemini_generate.words import members
from gateway.translation.values import optional, soft

VERTEX: Final = ("contents", "systemInstruction", "tools", "generationConfig")
"""Members of Vertex AI's request (cloud.google.com, CountTokensRequest)."""


def read_count(body: Json) -> Conversation:
    """A client's request for a count, in either form, with `model` put in by the caller; raises Refusal 400."""
    asked = members(body)
    whole = optional(asked, "generateContentRequest", dict, "")
    return read_request(asked if whole is None else {**whole, "model": asked.get("model")})


def write_studio(asked: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """AI Studio's form, which holds the whole request that is to be counted."""
    path = models.path(asked.model)
    request = {"model": path, **write_body(asked, losses, quirks)}
    return Written({"generateContentRequest": request}, f"{path}:countTokens")


def write_vertex(asked: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """Vertex AI's form, which holds what counts; the rest changes no number."""
    body = write_body(asked, losses, quirks)
    return Written({name: body[name] for name in VERTEX if name in body}, f"{models.path(asked.model)}:countTokens")


def read_total(answer: Json) -> int | None:
    """The number of tokens; None where the answer has none."""
    total = soft(answer.get("totalTokens"), int, -1)
    return total if total >= 0 else None


def write_total(tokens: int) -> Json:
    """A count as a client reads it."""
    return {"totalTokens": tokens}
