"""Google AI Studio's batchEmbedContents (https://ai.google.dev/api/embeddings); one input is a batch of one."""

from typing import Final

from gateway.conversation.answer import Fault
from gateway.conversation.losses import CARRIED, REFUSED, Losses, Rule
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
    word,
)
from gateway.translation.embeddings.gemini_content import TASKS, content, read_embedded
from gateway.translation.embeddings.reading import Answered
from gateway.translation.embeddings.vectors import Vectors
from gateway.translation.embeddings.wanted import Wanted

BATCH: Final = 100
"""Requests in one batch; Google answers 400 to more."""

RULES: Final = {
    "input.text": CARRIED,
    "input.tokens": Rule("refused", "only texts: tokens are the model's own affair"),
    "input.image": CARRIED,
    "input.image.url": Rule("refused", "only files that lie at Google"),
    "input.mixed": CARRIED,
    "dimensions": Rule("renamed", "outputDimensionality"),
    "encoding_format": PACKED,
    "user": WHO,
    "input_type": Rule("renamed", "taskType"),
    "title": CARRIED,
    "truncate": REFUSED,
}


def write_request(wanted: Wanted, losses: Losses, quirks: Quirks) -> Written:
    """A batch in which every request repeats the model and the parameters, as Google wants it."""
    admit(wanted, losses, quirks.batch or BATCH)
    bare(wanted, losses)
    found = given(wanted, losses)
    model = wanted.model.removeprefix("models/")
    path = f"models/{segment(model)}:batchEmbedContents"
    each: Json = {"model": f"models/{model}"}
    if "dimensions" in found:
        each["outputDimensionality"] = found["dimensions"]
    if task := word(found, "input_type", TASKS, losses):
        each["taskType"] = task
    if "title" in found:
        each["title"] = found["title"]
    return Written({"requests": [{**each, "content": content(one)} for one in wanted.inputs]}, path)


def read_answer(answer: Answered, wanted: Wanted, _: Quirks) -> Vectors | Fault:
    """The vectors; usage is there for newer models only."""
    return read_embedded(answer, wanted)


CODEC: Final = EmbeddingCodec("gemini_embed", RULES, lambda _: BATCH, write_request, read_answer)
