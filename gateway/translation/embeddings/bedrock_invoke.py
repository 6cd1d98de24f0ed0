"""Amazon Bedrock's InvokeModel for models that embed: Titan, Nova and Cohere, each in the form that its maker gave it.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html and the pages beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern
from re import compile as pattern
from typing import Any, Final

from msgspec import Struct, field

from gateway.conversation.answer import Fault
from gateway.conversation.losses import CARRIED, REFUSED, Losses, Rule
from gateway.dialects.dialect import usage
from gateway.dialects.gemini import whole
from gateway.dialects.reading import NAME, named
from gateway.translation.codec import Json, Written
from gateway.translation.embeddings.bedrock_forms import (
    cohere_v3,
    cohere_v4,
    nova,
    titan_image,
    titan_text,
)
from gateway.translation.embeddings.codec import (
    PACKED,
    WHO,
    EmbeddingCodec,
    Quirks,
    admit,
    bare,
    given,
    segment,
    unsupported,
)
from gateway.translation.embeddings.cohere_form import DEFAULT, ByType
from gateway.translation.embeddings.reading import Answered, Form
from gateway.translation.embeddings.vectors import Vector, Vectors, settled
from gateway.translation.embeddings.wanted import NAMES, Wanted, kinds
from gateway.translation.values import wrong

RULES: Final = {
    "input.text": CARRIED,
    "input.tokens": Rule("refused", "only texts: tokens are the model's own affair"),
    "input.image": Rule("carried", "by Titan Multimodal, Nova and Cohere"),
    "input.image.url": Rule("refused", "only images that are sent along"),
    "input.mixed": Rule("carried", "by Cohere v4, and by Titan Multimodal for one text with one image"),
    "dimensions": Rule("renamed", "as each model calls it; refused for Titan v1 and Cohere v3, which have one length"),
    "encoding_format": PACKED,
    "user": WHO,
    "input_type": Rule("renamed", f"for Cohere ({DEFAULT} where none is given) and Nova (GENERIC_INDEX)"),
    "title": REFUSED,
    "truncate": Rule("carried", "for Cohere and Nova; Nova is told NONE where the client says nothing"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """Models of one form. `refuses` is what they lack of what others on Bedrock have."""

    model: Pattern[str]
    batch: int
    body: Callable[[Wanted, dict[str, Any], Losses], Json]
    refuses: frozenset[str] = frozenset()


PICTURES: Final = frozenset(("input.image", "input.mixed"))
WISHES: Final = frozenset(("input_type", "truncate"))

FAMILIES: Final = (
    Family(pattern(r"amazon\.titan-embed-text-v2"), 1, titan_text, PICTURES | WISHES),
    Family(pattern(r"amazon\.titan-embed-(?:text-v1|g1-text)"), 1, titan_text, PICTURES | WISHES | {"dimensions"}),
    Family(pattern(r"amazon\.titan-embed-image"), 1, titan_image, WISHES),
    Family(pattern(r"amazon\.nova-.*embeddings"), 1, nova, frozenset(("input.mixed",))),
    Family(pattern(r"cohere\.embed-(?:english|multilingual)"), 96, cohere_v3, frozenset(("dimensions", "input.mixed"))),
    Family(pattern(r"cohere\.embed-v"), 96, cohere_v4),
)
"""By a pattern in the model's id, which may have a region before it or be an ARN; the first that fits."""


class Named(Struct):
    """One of Nova's vectors."""

    embedding: list[float] | None = None


class Invoked(Struct):
    """An answer of any family: Titan's one vector, Nova's list of named ones, Cohere's by type or in a list."""

    embedding: list[float] | None = None
    embeddings: ByType | list[list[float] | Named] | None = None
    tokens: int | float | None = field(default=None, name="inputTextTokenCount")
    id: str | None = None


INVOKED: Final = Form(Invoked)


def family(model: str) -> Family:
    """The family that a model id belongs to; raises Refusal 400 where it is none that embeds."""
    for one in FAMILIES:
        if one.model.search(model):
            return one
    raise wrong("model", f"{model[:NAME]} is not known to make embeddings on Amazon Bedrock.")


def batch(model: str) -> int:
    """The most inputs that the model takes; raises Refusal 400 for one that does not embed."""
    return family(model).batch


def write_request(wanted: Wanted, losses: Losses, quirks: Quirks) -> Written:
    """The request in the form of the model's family."""
    asked = family(wanted.model)
    admit(wanted, losses, quirks.batch or asked.batch)
    lacking = [kind for one in wanted.inputs for kind in kinds(one) if kind in asked.refuses]
    if lacking:
        raise unsupported(f"{wanted.model} cannot carry {lacking[0]}: it takes no {NAMES[lacking[0]]}.")
    bare(wanted, losses)
    found = given(wanted, losses)
    for name in asked.refuses & found.keys():
        losses.lose(name)
        del found[name]
    return Written(asked.body(wanted, found, losses), f"model/{segment(wanted.model)}/invoke")


def read_answer(answer: Answered, wanted: Wanted, _: Quirks) -> Vectors | Fault:
    """The vectors as they stand; only Titan counts tokens in its answer, the others in headers."""
    invoked = INVOKED.read(answer)
    found: list[Vector | None] = []
    if isinstance(invoked.embeddings, ByType):
        found += invoked.embeddings.numbers or []
    elif invoked.embeddings is not None:
        found += [one.embedding if isinstance(one, Named) else one for one in invoked.embeddings]
    elif invoked.embedding is not None:
        found.append(invoked.embedding)
    return settled(found, wanted, Vectors([], usage=usage(whole(invoked.tokens), None), id=named(invoked.id)))


CODEC: Final = EmbeddingCodec("bedrock_invoke", RULES, batch, write_request, read_answer)
