"""What whole answers and streams have in common: reasons, usage, citations, and blocks that are kept as they stand."""

from typing import Any, Final

from gateway.call import Usage
from gateway.conversation.answer import Reason
from gateway.conversation.parts import Citation, Media, Native, Part
from gateway.dialects.bedrock import ConverseCounts
from gateway.dialects.reading import Shape
from gateway.translation.bedrock_converse.blocks import NAME
from gateway.translation.bedrock_converse.media import FORMATS
from gateway.translation.codec import Json
from gateway.translation.counting import usage_of
from gateway.translation.values import soft

REASONS: Final[dict[str, Reason]] = {
    "end_turn": "stop",
    "tool_use": "tool_use",
    "max_tokens": "length",
    "stop_sequence": "stop_sequence",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "malformed",
    "malformed_tool_use": "malformed",
    "model_context_window_exceeded": "context_length",
    # Claude's own words, which botocore's model does not list.
    "refusal": "refusal",
    "pause_turn": "pause",
}

SERVER: Final = "server_tool_use"
"""The type of a call that Bedrock runs itself, whose result comes in the same answer."""

COUNTS: Final = Shape(ConverseCounts)

MIMES: Final = {kind: {form: mime for mime, form in reversed(formats.items())} for kind, formats in FORMATS.items()}
"""By format: the first media type that stands for it."""


def reason(word: str) -> Reason:
    """Why the answer ended, in neutral words."""
    return REASONS.get(word, "other")


def stop_sequence(said: Json) -> str | None:
    """The sequence that Claude met, where `/stop_sequence` was asked for."""
    fields = soft(said.get("additionalModelResponseFields"), dict, {})
    return soft(fields.get("stop_sequence"), str, "") or None


def usage(counts: object) -> Usage | None:
    """Tokens as they are metered: input with cache reads and writes."""
    return usage_of(COUNTS, counts)


def tier(said: Json) -> str:
    """The service tier that served the call."""
    return soft(soft(said.get("serviceTier"), dict, {}).get("type"), str, "")


def citation(given: object) -> Citation | None:
    """A citation of the whole block that it stands in; None where it is no object."""
    if not isinstance(given, dict):
        return None
    location = soft(given.get("location"), dict, {})
    source = soft(given.get("source"), str, "")
    cited = "".join(texts(given.get("sourceContent")))
    title = soft(given.get("title"), str, "")
    if isinstance(location.get("web"), dict):
        url = soft(location["web"].get("url"), str, "")
        return Citation("url", url, title, cited, native=given, dialect=NAME)
    place: Any = next((one for one in location.values() if isinstance(one, dict)), {})
    index = place.get("documentIndex", place.get("searchResultIndex"))
    known = str(index) if type(index) is int else source
    url = source if source.startswith(("http://", "https://")) else ""
    return Citation("document", url, title, cited, known, native=given, dialect=NAME)


def texts(blocks: object) -> list[str]:
    """The words of a list of {text}."""
    found = (block.get("text") for block in soft(blocks, list, []) if isinstance(block, dict))
    return [text for text in found if isinstance(text, str)]


def media(kind: str, block: Json) -> Part:
    """An image or a sound that the model made; as it stands where its bytes are not there."""
    source = soft(block.get("source"), dict, {})
    mime = MIMES[kind].get(soft(block.get("format"), str, ""), "")
    stored = soft(soft(source.get("s3Location"), dict, {}).get("uri"), str, "")
    data = soft(source.get("bytes"), str, "")
    if kind == "image" and (data or stored):
        return Media("image", mime, data, stored)
    if kind == "audio" and (data or stored):
        return Media("audio", mime, data, stored)
    return native(kind, block)


def native(name: str, block: object, title: str = "") -> Native:
    """A block that only Converse knows; `title` is what to call it in an error, where its name says too little."""
    return Native(NAME, title or name, {name: block})
