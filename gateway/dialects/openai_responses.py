"""OpenAI's Responses API: one object, or a stream whose last event carries that object.

https://platform.openai.com/docs/api-reference/responses
"""

from typing import Any, Final

from msgspec import Struct

from gateway.dialects.dialect import Peek, Request, Said, Tally
from gateway.dialects.faults import Code, Fault, word
from gateway.dialects.openai_chat import Format
from gateway.dialects.openai_counts import OpenAICounts
from gateway.dialects.parameters import kind_of, set_parameters
from gateway.dialects.reading import Shape, named

NEEDLES: Final = (b'"usage":{',)
ENDED: Final = ("completed", "incomplete", "failed", "cancelled")


class Incomplete(Struct):
    """Why a response stopped early."""

    reason: str | None = None


class Response(Struct):
    """The object that everything is about."""

    id: str | None = None
    model: str | None = None
    status: str | None = None
    incomplete_details: Incomplete | None = None
    usage: OpenAICounts | None = None
    service_tier: str | None = None
    error: Fault | str | None = None


class Responses(Said):
    """A response, or an event with one inside it."""

    response: Response | None = None
    type: str | None = None
    code: Code = None
    id: str | None = None
    model: str | None = None
    status: str | None = None
    incomplete_details: Incomplete | None = None
    usage: OpenAICounts | None = None
    service_tier: str | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """What the response says; of an error event its code."""
        if self.type == "error":
            tally.failed(word(Fault(self.code)) if self.error is None else word(self.error))
            return
        said: Response | Responses = self if self.response is None else self.response
        tally.name(said.model, said.id)
        tally.count(said.usage)
        if said.error is not None:
            tally.failed(word(said.error))
        if said.service_tier:
            tally.tier = named(said.service_tier)
        if said.status in ENDED:
            reason = said.incomplete_details.reason if said.incomplete_details else None
            tally.finished(0, reason or said.status)


class Text(Struct):
    """How text is to be written."""

    format: Format | None = None


class ResponsesRequest(Request):
    """A request for a response."""

    model: str | None = None
    stream: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    text: Text | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        set_parameters(found, self, self.max_output_tokens, None)
        if self.text is not None and self.text.format is not None:
            found.update(kind_of(self.text.format.type))
        return Peek(named(self.model), bool(self.stream), found)


RESPONSES: Final = Shape(Responses)
RESPONSES_REQUEST: Final = Shape(ResponsesRequest)
