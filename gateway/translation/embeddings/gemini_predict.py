"""Vertex AI: `predict` with instances, and `embedContent` or its batch for the models that have no predict.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api. Which model has which is as
Google's own SDK has it, but for gemini-embedding-001, which has both.
"""

import re
from typing import Any, Final

from msgspec import Struct

from gateway.conversation.answer import Fault
from gateway.conversation.losses import CARRIED, Losses, Rule
from gateway.dialects.dialect import total, usage
from gateway.dialects.gemini import whole
from gateway.translation.codec import Json, Written
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
    word,
)
from gateway.translation.embeddings.gemini_content import TASKS, TRUNCATES, content, read_embedded
from gateway.translation.embeddings.reading import Answered, Form
from gateway.translation.embeddings.vectors import Vectors, settled
from gateway.translation.embeddings.wanted import Wanted
from gateway.translation.values import soft

CONTENT: Final = re.compile(r"gemini-(?!embedding-(?:001|exp))|-maas$")
"""Models with embedContent instead of predict."""

BATCHES: Final = (
    (re.compile(r"gemini-embedding-(?:001|exp)|-maas$"), 1),
    (re.compile(r"gemini-"), 0),
    (re.compile(r""), 250),
)
"""Inputs in one call, 0 where Google names no limit, by the first pattern that a model's name has in it."""

RULES: Final = {
    "input.text": CARRIED,
    "input.tokens": Rule("refused", "only texts: tokens are the model's own affair"),
    "input.image": Rule("carried", "by models with embedContent (gemini-embedding-2), refused for others"),
    "input.image.url": Rule("refused", "only files that lie at Google"),
    "input.mixed": Rule("carried", "by models with embedContent (gemini-embedding-2), refused for others"),
    "dimensions": Rule("renamed", "outputDimensionality"),
    "encoding_format": PACKED,
    "user": WHO,
    "input_type": Rule("renamed", "task_type"),
    "title": CARRIED,
    "truncate": Rule("renamed", "autoTruncate, which cuts the end; START is refused"),
}


class Vector(Struct):
    """The vector of one instance."""

    values: list[float] | None = None
    statistics: Any = None
    """Of the text; untyped, for it is no matter of the vector if it is odd."""


class Prediction(Struct):
    """What came of one instance."""

    embeddings: Vector | None = None


class Predicted(Struct):
    """An answer to predict."""

    predictions: list[Prediction] | None = None


PREDICTED: Final = Form(Predicted)


def batch(model: str) -> int:
    """The most instances that the model takes."""
    return next(most for pattern, most in BATCHES if pattern.search(model))


def write_request(wanted: Wanted, losses: Losses, quirks: Quirks) -> Written:
    """For predict or embedContent; a model's name may have its publisher before it, who is Google otherwise."""
    admit(wanted, losses, quirks.batch or batch(wanted.model))
    bare(wanted, losses)
    found = given(wanted, losses)
    short = wanted.model.removeprefix("publishers/").removeprefix("models/")
    publisher, _, model = short.replace("/models/", "/", 1).rpartition("/")
    place = f"publishers/{segment(publisher or 'google')}/models/{segment(model)}"
    found["input_type"] = word(found, "input_type", TASKS, losses)
    end = word(found, "truncate", TRUNCATES, losses)
    found["truncate"] = None if end is None else end == "true"
    if CONTENT.search(model):
        requests = _requests(wanted, found)
        if len(requests) == 1:
            return Written(requests[0], f"{place}:embedContent")
        return Written({"requests": requests}, f"{place}:batchEmbedContents")
    if not all(isinstance(one, str) for one in wanted.inputs):
        raise unsupported(f"{wanted.model} cannot carry input.image or input.mixed: it takes only texts.")
    return Written(_instances_body(wanted, found), f"{place}:predict")


def _instances_body(wanted: Wanted, found: dict[str, Any]) -> Json:
    """Task and title stand with each instance, size and truncation beside them."""
    each = _kept(task_type=found["input_type"], title=found.get("title"))
    body: Json = {"instances": [{**each, "content": one} for one in wanted.inputs]}
    if parameters := _kept(outputDimensionality=found.get("dimensions"), autoTruncate=found["truncate"]):
        body["parameters"] = parameters
    return body


def _requests(wanted: Wanted, found: dict[str, Any]) -> list[Json]:
    """A request for each input, every one with all parameters in embedContentConfig."""
    settings = _kept(
        taskType=found["input_type"],
        title=found.get("title"),
        outputDimensionality=found.get("dimensions"),
        autoTruncate=found["truncate"],
    )
    each = {"embedContentConfig": settings} if settings else {}
    return [{"content": content(one), **each} for one in wanted.inputs]


def _kept(**members: Any) -> Json:  # noqa: ANN401 - JSON
    """Those that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def read_answer(answer: Answered, wanted: Wanted, _: Quirks) -> Vectors | Fault:
    """The vectors as they stand, and the sum of the tokens that each prediction counts."""
    predicted = PREDICTED.read(answer)
    if predicted.predictions is None:
        return read_embedded(answer, wanted)
    vectors = [one.embeddings or Vector() for one in predicted.predictions]
    tokens = total(*[_tokens(one.statistics) for one in vectors])
    return settled([one.values for one in vectors], wanted, Vectors([], usage=usage(tokens, None)))


def _tokens(statistics: object) -> int | None:
    """How many tokens a text has."""
    count = soft(statistics, dict, {}).get("token_count")
    return whole(count) if type(count) in (int, float) else None


CODEC: Final = EmbeddingCodec("gemini_predict", RULES, batch, write_request, read_answer)
