"""Parts of a message for a provider."""

from typing import Final

from gateway.conversation.parts import Cache, Media, Native, Part, Text
from gateway.translation.codec import Json
from gateway.translation.openai_chat.inline_urls import url_of
from gateway.translation.openai_chat.natives import DIALECT, MESSAGE, belongs, is_annotation
from gateway.translation.openai_chat.terms import Terms

FORMATS: Final = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "vnd.wave": "wav", "mpeg3": "mp3"}
"""`input_audio`'s formats by the subtype of a MIME type; others are the subtype."""

SOURCES: Final = ("data", "url", "file", "text")

MARKERS: Final = {
    "cache_control": ({"type": "ephemeral"}, ("5m", "1h")),
    "prompt_cache_breakpoint": ({"mode": "explicit"}, ("30m", "12h")),
}
"""Cache markers by their name, each with the lifetimes that may be asked for."""

WHOLE: Final = "content.parts"
"""Named in `Quirks.refuses` by providers that take text only as one string; so is `refusal` where that is unknown."""


def content(parts: list[Part], terms: Terms) -> str | list[Json]:
    """The content: a string where it is all one text, else a list of parts."""
    written = [item for part in parts if (item := one(part, terms)) is not None]
    if not written:
        return ""
    plain = all(item.get("type") == "text" and len(item) == 2 for item in written)
    if plain and (len(written) == 1 or WHOLE in terms.quirks.refuses):
        return "\n\n".join(item["text"] for item in written)
    return written


def one(part: Part, terms: Terms) -> Json | None:
    """One part; None where it is lost, or has its place elsewhere in the message."""
    if isinstance(part, Text):
        return marked({"type": "text", "text": part.text}, part.cache, terms) if part.text else None
    if isinstance(part, Media):
        written = media(part, terms)
        return marked(written, part.cache, terms) if written is not None else None
    if not isinstance(part, Native) or belongs(part, MESSAGE) or is_annotation(part):
        return None
    if part.dialect == DIALECT:
        return part.value if isinstance(part.value, dict) else None
    terms.losses.lose(part.name)
    return None


def marked(item: Json, cache: Cache | None, terms: Terms) -> Json:
    """A part with its cache marker, where the provider reads them and by the name it has there."""
    if cache is None:
        return item
    name = terms.quirks.renames.get("cache")
    if name is None:
        terms.takes("cache")
    else:
        marker, lives = MARKERS.get(name, MARKERS["cache_control"])
        item[name] = {**marker, "ttl": cache.ttl} if cache.ttl in lives else marker
    return item


def media(part: Media, terms: Terms) -> Json | None:
    """An image, a sound, a film or a document; None where the provider takes none of the kind."""
    source = next((name for name in SOURCES if getattr(part, name)), "data")
    if part.cite:
        terms.takes("citations")
    if not terms.takes(f"{part.kind}.{source}"):
        return None
    if part.kind == "image":
        return image(part, terms)
    if part.kind == "document":
        return document(part, source, terms)
    if part.kind == "video":
        return {"type": "video_url", "video_url": {"url": url_of(part, "video/mp4")}}
    if source == "url":
        return {"type": "audio_url", "audio_url": {"url": part.url}}
    return {"type": "input_audio", "input_audio": {"data": part.data, "format": sound(part.mime)}}


def sound(mime: str) -> str:
    """`input_audio`'s format for a MIME type; `wav` where none is known."""
    subtype = mime.partition("/")[2].partition(";")[0]
    return FORMATS.get(subtype, subtype) or "wav"


def image(part: Media, terms: Terms) -> Json:
    """An image by URL; its bytes stand in a `data:` URL."""
    place: Json = {"url": url_of(part, "image/png")}
    if part.detail and terms.takes("image.detail"):
        place["detail"] = part.detail
    return {"type": "image_url", "image_url": place}


def document(part: Media, source: str, terms: Terms) -> Json:
    """A document as `file`, or in the way that the provider's quirks name."""
    if source == "text":
        name = f' name="{part.name}"' if part.name else ""
        return {"type": "text", "text": f"<document{name}>\n{part.text}\n</document>"}
    if source == "file":
        return {"type": "file", "file": {"file_id": part.file}}
    kind = terms.name(f"document.{source}", "file")
    url = url_of(part, "application/pdf")
    if kind == "document_url":
        return {"type": kind, kind: url, **({"document_name": part.name} if part.name else {})}
    if kind == "file_url":
        # Perplexity takes bytes without `data:` before them.
        return {"type": kind, kind: {"url": part.url or part.data}, **({"file_name": part.name} if part.name else {})}
    return {"type": "file", "file": {"filename": part.name or "document", "file_data": url}}
