"""What is known of Google's models by their names: generations differ in thinking, signatures and tools' results."""

import re
from typing import Final, Literal, TypeAlias

from gateway.translation.values import wrong

Generation: TypeAlias = Literal["old", "2.5", "3", "unknown"]

PLAIN: Final = re.compile(r"(?:(?:models|tunedModels)/)?[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
NUMBER: Final = re.compile(r"gemini-(\d{1,3})(?:\.(\d{1,3}))?(?:-|$)", re.ASCII)


def path(model: str) -> str:
    """A model's place below Google's base URL; raises Refusal 400 for a name that is not plain."""
    if not PLAIN.fullmatch(model):
        raise wrong("model", "must be letters, digits, dots, underscores and hyphens.")
    return model if "/" in model else f"models/{model}"


def generation(model: str) -> Generation:
    """`old` does not think, `2.5` thinks within a budget, `3` thinks at a level; `unknown` has no number in it."""
    found = NUMBER.match(model.rpartition("/")[2])
    if found is None:
        return "unknown"
    version = int(found[1]), int(found[2] or 0)
    if version >= (3, 0):
        return "3"
    return "2.5" if version >= (2, 5) else "old"


def validates(model: str) -> bool:
    """Whether the model wants its signatures back with a turn's function calls (ai.google.dev, thought signatures)."""
    return generation(model) == "3" or model.endswith("-latest")
