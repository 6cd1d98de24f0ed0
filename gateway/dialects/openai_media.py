"""OpenAI's other endpoints that count tokens: embeddings (and rerank in that form), audio, images."""

import re
from typing import Any, Final

from gateway.dialects.dialect import Peek, Request, Said, Tally
from gateway.dialects.faults import Fault, word
from gateway.dialects.openai_counts import Embedded, OpenAICounts
from gateway.dialects.parameters import set_number
from gateway.dialects.reading import Shape, named

AUDIO_NEEDLES: Final = (b'"usage":{',)

PART: Final = re.compile(rb'name="(model|stream)"\r\n(?:[^\r\n]+\r\n){0,4}\r\n([^\r\n]{0,256})\r\n')
"""A short field of a multipart form (RFC 7578)."""

FORM: Final = 2**16
"""Bytes searched for fields at each end of a form; the file between them may be large."""


class Embeddings(Said):
    """Vectors, or a ranking, of which only the counts are read."""

    id: str | None = None
    model: str | None = None
    usage: Embedded | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Names and usage."""
        tally.name(self.model, self.id)
        tally.count(self.usage)
        if self.error is not None:
            tally.failed(word(self.error))


class Media(Said):
    """A transcription or images, whole or as the last event of a stream."""

    model: str | None = None
    usage: OpenAICounts | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage; it is counted in seconds where the model is older, and then there are no tokens."""
        tally.name(self.model, None)
        tally.count(self.usage)
        if self.error is not None:
            tally.failed(word(self.error))


class EmbeddingsRequest(Request):
    """A request for vectors or a ranking."""

    model: str | None = None
    dimensions: int | None = None
    output_dimension: int | None = None
    """Voyage's."""
    encoding_format: str | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        size = self.output_dimension if self.dimensions is None else self.dimensions
        if size is not None and 0 < size < 2**63:
            found["gen_ai.embeddings.dimension.count"] = size
        if self.encoding_format:
            found["gen_ai.request.encoding_formats"] = [named(self.encoding_format)]
        return Peek(named(self.model), False, found)


class ImagesRequest(Request):
    """A request for images."""

    model: str | None = None
    stream: bool | None = None
    n: int | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {"gen_ai.output.type": "image"}
        if self.stream:
            found["gen_ai.request.stream"] = True
        if self.n != 1:
            set_number(found, "choice.count", self.n)
        return Peek(named(self.model), bool(self.stream), found)


class SpeechRequest(Request):
    """A request for speech."""

    model: str | None = None
    stream_format: str | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found = {"gen_ai.output.type": "speech"}
        return Peek(named(self.model), self.stream_format == "sse", found)


EMBEDDINGS: Final = Shape(Embeddings)
EMBEDDINGS_REQUEST: Final = Shape(EmbeddingsRequest)
MEDIA: Final = Shape(Media)
IMAGES_REQUEST: Final = Shape(ImagesRequest)
SPEECH_REQUEST: Final = Shape(SpeechRequest)


def images_peek(body: bytes) -> Peek:
    """A request for images: JSON, or a form where one is edited."""
    return _peek(body, IMAGES_REQUEST)


def audio_peek(body: bytes) -> Peek:
    """A request for speech is JSON, one for a transcription a form."""
    return _peek(body, SPEECH_REQUEST)


def _peek(body: bytes, shape: Shape[Any]) -> Peek:
    """A form is told by the two dashes it begins with; what is no JSON object either gives an empty Peek."""
    if body[:2] == b"--":
        return form_peek(body)
    asked = shape.read(body)
    return asked.peek() if asked is not None else Peek()


def form_peek(body: bytes) -> Peek:
    """Model and stream out of a multipart form, without reading the files in it."""
    found: dict[bytes, str] = {}
    ends = [body] if len(body) <= 2 * FORM else [body[:FORM], body[-FORM:]]
    for end in ends:
        for name, value in PART.findall(end):
            found.setdefault(name, value.decode("utf-8", "replace"))
    stream = found.get(b"stream", "").lower() == "true"
    return Peek(found.get(b"model", ""), stream, {"gen_ai.request.stream": True} if stream else {})
