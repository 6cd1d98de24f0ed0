"""litellm.yaml as types: which of our providers LiteLLM means by a word."""

from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import yaml

FILE: Final = Path(__file__).with_name("litellm.yaml")


class Theirs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of LiteLLM's providers; the file's head says what the fields are."""

    to: str = ""
    base_url: str = ""
    own: bool = False
    adds: str = ""
    key: str = ""
    form: Literal["", "azure", "bedrock", "vertex"] = ""
    models: tuple[str, ...] = ()


ELSEWHERE: Final = Theirs(own=True)
"""A server with OpenAI's API, of which nothing but its address is known."""


@cache
def load() -> dict[str, Theirs]:
    """LiteLLM's providers by their words; raises msgspec.ValidationError for a row that is not one."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with FILE.open("rb") as text:
        return msgspec.convert(yaml.load(text, loader), dict[str, Theirs])  # noqa: S506 - a safe loader, the C one


def guessed(model: str) -> str:
    """The provider of a model that stands without one, as LiteLLM knows it; nothing where it is not certain."""
    found = [word for word, theirs in load().items() if model.startswith(theirs.models or ("/",))]
    return found[0] if len(found) == 1 else ""
