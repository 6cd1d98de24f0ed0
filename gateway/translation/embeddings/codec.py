"""What a provider's dialect for embeddings offers, how providers of one dialect differ, and what all writers share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec

from gateway.call import Refusal
from gateway.conversation.answer import Fault
from gateway.conversation.losses import CARRIED, REFUSED, Losses, Rule, Rules
from gateway.translation.codec import Written
from gateway.translation.embeddings.reading import Answered
from gateway.translation.embeddings.vectors import Vectors
from gateway.translation.embeddings.wanted import NAMES, Wanted, kinds
from gateway.translation.values import wrong


class Quirks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a provider's version of its dialect differs, as data in its row; names are those of NAMES.

    `refuses` and `batch` hold for every dialect, the others for OpenAI's, which many have copied.
    """

    refuses: tuple[str, ...] = ()
    """What this provider does not take although its dialect has it."""
    batch: int = 0
    """The most inputs in one call, where the dialect does not know."""
    path: str = "embeddings"
    """Below the base URL."""
    renames: Mapping[str, str] = {}
    """Names of NAMES to this provider's; `truncate` is then true or false."""
    input_types: Mapping[str, str] = {}
    """Values of INPUT_TYPES to this provider's words; empty where it knows no input types."""
    images: bool = False
    """Whether an input may be an object with `content`, a list of texts and images (OpenRouter)."""
    base64: Literal["float32", "int8", ""] = "float32"
    """What base64 holds: 32-bit numbers; signed bytes, which come unasked (Perplexity); nothing where there is none."""


@dataclass(frozen=True, slots=True)
class EmbeddingCodec:
    """A provider's dialect: requests written, answers read."""

    name: str
    """A key of `gateway.dialects.DIALECTS`."""
    rules: Rules
    """What `write_request` does with each thing of NAMES; `ruled` has what a provider's quirks change."""
    batch: Callable[[str], int]
    """The most inputs that a model takes in one call; 0 where no limit is known."""
    write_request: Callable[[Wanted, Losses, Quirks], Written]
    """Raises Refusal 400 for more inputs than one call takes, or for a kind of input that cannot be carried."""
    read_answer: Callable[[Answered, Wanted, Quirks], Vectors | Fault]
    """Never raises: an answer without a sound vector for each input is a Fault 502."""


WHO: Final = Rule("hint", "says who asks, not what for")
PACKED: Final = Rule("emulated", "asked for as JSON, and packed on the way back")


def ruled(codec: EmbeddingCodec, quirks: Quirks) -> Rules:
    """The dialect's rules as they are for a provider."""
    rules = dict(codec.rules)
    if quirks.input_types:
        rules["input_type"] = Rule("renamed", ", ".join(sorted(set(quirks.input_types.values()))))
    if quirks.images:
        rules.update(dict.fromkeys(("input.image", "input.image.url", "input.mixed"), CARRIED))
    if quirks.base64 != "float32":
        rules["encoding_format"] = PACKED
    rules.update({name: Rule("renamed", new) for name, new in quirks.renames.items()})
    # Leaving out who asks changes no vector.
    rules.update({name: WHO if name == "user" else REFUSED for name in quirks.refuses})
    return rules


def given(wanted: Wanted, losses: Losses) -> dict[str, Any]:
    """What the client asked for besides the inputs and `extras`, by its name, as far as the dialect carries it."""
    asked = {
        "dimensions": wanted.dimensions,
        "encoding_format": wanted.encoding_format if wanted.encoding_format != "float" else None,
        "user": wanted.user,
        "input_type": wanted.input_type,
        "title": wanted.title,
        "truncate": wanted.truncate,
    }
    return {name: value for name, value in asked.items() if value and losses.allows(name)}


def word(found: dict[str, Any], name: str, words: Mapping[str, str], losses: Losses) -> str | None:
    """The provider's word for what `name` was given as; None where none was given, or none means the same."""
    value = found.get(name)
    if value is None:
        return None
    if value not in words:
        losses.lose(name)
    return words.get(value)


def bare(wanted: Wanted, losses: Losses) -> None:
    """Note all extras as lost, for dialects that are not the client's."""
    for name in wanted.extras:
        losses.lose(name)


def admit(wanted: Wanted, losses: Losses, limit: int) -> None:
    """Raise Refusal 400 unless all inputs fit into one call and are of kinds that the dialect carries.

    An input cannot be left out as a parameter can: each is owed a vector.
    """
    count = len(wanted.inputs)
    if limit and count > limit:
        noun = "input" if limit == 1 else "inputs"
        raise wrong("input", f"{wanted.model} takes at most {limit} {noun} per call here, and these are {count}.")
    others = [one for one in wanted.inputs if not isinstance(one, str)]
    needed = dict.fromkeys(kind for one in others for kind in kinds(one))
    if len(others) < count:
        needed["input.text"] = None
    for kind in needed:
        if not losses.allows(kind):
            raise unsupported(f"{wanted.model} cannot carry {kind}: it takes no {NAMES[kind]} here.")


def unsupported(sentence: str) -> Refusal:
    """The Refusal for inputs that are of the client's dialect's form and yet not to be carried."""
    return Refusal(400, 2110, "unsupported_parameter", sentence)


def segment(model: str) -> str:
    """A model's name as one segment of a URL's path; raises Refusal 400 where it would leave its place there."""
    if model in ("", ".", ".."):
        raise wrong("model", "must be the name of a model.")
    return quote(model, safe="@")
