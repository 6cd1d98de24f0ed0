"""Cloudflare Workers AI's own form: the model's answer inside Cloudflare's API envelope.

https://developers.cloudflare.com/workers-ai/get-started/rest-api/
"""

from typing import Final

from msgspec import Struct

from gateway.dialects.dialect import Said, Tally
from gateway.dialects.faults import Fault, word
from gateway.dialects.openai_chat import Choice
from gateway.dialects.openai_counts import OpenAICounts
from gateway.dialects.reading import Shape

NEEDLES: Final = (b'"usage":{', b'"finish_reason":"', b'"errors":[')


class Result(Struct):
    """What the model answered; newer models use OpenAI's frame in here."""

    id: str | None = None
    model: str | None = None
    usage: OpenAICounts | None = None
    choices: list[Choice] | None = None


class WorkersAI(Said):
    """The envelope, or an event of a stream, which has none."""

    result: Result | None = None
    errors: list[Fault] | None = None
    error: Fault | str | None = None
    id: str | None = None
    model: str | None = None
    usage: OpenAICounts | None = None
    choices: list[Choice] | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, finish reasons and the envelope's first error."""
        said: Result | WorkersAI = self if self.result is None else self.result
        tally.name(said.model, said.id)
        tally.count(said.usage)
        for choice in said.choices or ():
            tally.finished(choice.index, choice.finish_reason)
        if self.errors:
            tally.failed(word(self.errors[0]))
        tally.failed(word(self.error))


WORKERS_AI: Final = Shape(WorkersAI)
