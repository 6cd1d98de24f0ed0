"""Lists of models in the forms that the official SDKs read: OpenAI's, Anthropic's and Google's.

https://platform.openai.com/docs/api-reference/models/list, https://docs.anthropic.com/en/api/models-list,
https://ai.google.dev/api/models#method:-models.list. Each is one page with all models, by provider and name.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from gateway.translation.codec import Json

CLASSES: Final = ("input", "output", "cache_read", "cache_write")
"""Of tokens, as OpenAI's form lists their prices."""

UNKNOWN: Final = "1970-01-01T00:00:00Z"
"""Anthropic's word for a day of release that is not known."""


class Row(msgspec.Struct, frozen=True):
    """A model that a client may ask for."""

    provider: str
    model: str
    prices: Mapping[str, Decimal] | None = None
    """US dollars per million tokens by CLASSES; None where the model has no price, which does not make it free."""
    context_window: int | None = None
    """Tokens; None where it is not known."""
    owner: str = ""
    """Who is named as the owner; the provider where this is empty."""
    name: str = ""
    """As people call it; the model where this is empty."""
    embeds: bool = False
    """Whether it makes vectors and not text."""
    deprecated: bool = False

    @property
    def id(self) -> str:
        """The name by which a unified endpoint is asked for it."""
        return f"{self.provider}/{self.model}"


def openai_list(rows: Iterable[Row]) -> Json:
    """OpenAI's form, with prices and context windows beside what OpenAI has."""
    data = [
        {
            "id": row.id,
            "object": "model",
            "created": 0,
            "owned_by": row.owner or row.provider,
            "context_window": row.context_window,
            "pricing": None if row.prices is None else _texts(row.prices),
        }
        for row in _ordered(rows)
    ]
    return {"object": "list", "data": data}


def anthropic_list(rows: Iterable[Row]) -> Json:
    """Anthropic's form; nothing is known of the days of release."""
    data = [
        {
            "type": "model",
            "id": row.id,
            "display_name": row.name or row.model,
            "created_at": UNKNOWN,
            "lifecycle": "deprecated" if row.deprecated else "active",
            "max_input_tokens": row.context_window,
        }
        for row in _ordered(rows)
    ]
    ends = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"data": data, "has_more": False, "first_id": ends[0], "last_id": ends[1]}


def gemini_list(rows: Iterable[Row]) -> Json:
    """Google's form, in which what is not known is left out."""
    models: list[Json] = []
    for row in _ordered(rows):
        methods = ["embedContent"] if row.embeds else ["generateContent", "streamGenerateContent"]
        model: Json = {
            "name": f"models/{row.id}",
            "displayName": row.name or row.model,
            "supportedGenerationMethods": methods,
        }
        if row.context_window is not None:
            model["inputTokenLimit"] = row.context_window
        models.append(model)
    return {"models": models}


def _ordered(rows: Iterable[Row]) -> list[Row]:
    """Always the same order, however the rows came."""
    return sorted(rows, key=lambda row: (row.provider, row.model))


def _texts(prices: Mapping[str, Decimal]) -> dict[str, str]:
    """Prices as plain decimal numbers, without exponents and without noughts at the end."""
    return {name: format(prices[name].normalize(), "f") for name in CLASSES if name in prices}
