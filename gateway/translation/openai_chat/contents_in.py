"""What a client's messages are made of: text, images, sound, film, files, and thoughts as Mistral writes them."""

from collections.abc import Callable
from typing import Any, Final

from gateway.conversation.parts import Cache, Media, Part, Refusing, Text, Thinking
from gateway.translation.codec import Json
from gateway.translation.openai_chat.inline_urls import place
from gateway.translation.openai_chat.natives import native
from gateway.translation.openai_chat.thoughts import chunks
from gateway.translation.values import needed, optional, typed, wrong

SOUNDS: Final = {"mp3": "audio/mpeg", "wav": "audio/wav"}
"""Types of `input_audio`'s formats; others are `audio/` and their own name."""


def parts(content: object, where: str) -> list[Part]:
    """The parts of a message's content; raises Refusal 400 for what is neither text nor a list of parts."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [Text(content)]
    if not isinstance(content, list):
        raise wrong(where, "must be a string or an array of parts.")
    return [part(typed(item, dict, f"{where}[{at}]"), f"{where}[{at}]") for at, item in enumerate(content)]


def part(item: Json, where: str) -> Part:
    """One part, with its cache marker; of an unknown type it is a Native."""
    kind = needed(item, "type", str, where)
    read = PARTS.get(kind)
    if read is None:
        return native(kind, item)
    found: Part = read(item, where)
    marker = cache(item, where)
    if marker is not None and isinstance(found, Text | Media | Thinking):
        found.cache = marker
    return found


def cache(item: Json, where: str) -> Cache | None:
    """A cache marker: `cache_control`, as OpenRouter and LiteLLM have it, or OpenAI's `prompt_cache_breakpoint`."""
    for name in ("cache_control", "prompt_cache_breakpoint"):
        marker = optional(item, name, dict, where)
        if marker is not None:
            return Cache(optional(marker, "ttl", str, f"{where}.{name}") or "")
    return None


def text(item: Json, where: str) -> Text:
    """Words."""
    return Text(needed(item, "text", str, where))


def address(item: Json, member: str, where: str) -> tuple[str, Json]:
    """A URL that stands in an object or (Mistral, and others) by itself; with the object."""
    value = item.get(member)
    if isinstance(value, str):
        return value, {}
    holder = needed(item, member, dict, where)
    return needed(holder, "url", str, f"{where}.{member}"), holder


def image(item: Json, where: str) -> Media:
    """An image by URL or as a `data:` URL."""
    url, holder = address(item, "image_url", where)
    return place(Media("image", detail=optional(holder, "detail", str, f"{where}.image_url") or ""), url)


def film(item: Json, where: str) -> Media:
    """A film, as OpenRouter, vLLM, Alibaba and Z.ai take it."""
    return place(Media("video"), address(item, "video_url", where)[0])


def sound(item: Json, where: str) -> Media:
    """A sound by URL, as vLLM takes it."""
    return place(Media("audio"), address(item, "audio_url", where)[0])


def document(member: str) -> Callable[[Json, str], Media]:
    """A reader of documents by URL: Mistral's `document_url`, Perplexity's and Z.ai's `file_url`."""

    def read(item: Json, where: str) -> Media:
        """A document by URL; Perplexity lets bytes stand there without `data:` before them."""
        url, _ = address(item, member, where)
        found = Media("document", name=optional(item, "document_name", str, where) or "")
        found.name = found.name or optional(item, "file_name", str, where) or ""
        if "://" in url[:16] or url[:5].lower() == "data:":
            return place(found, url)
        found.data = url
        return found

    return read


def speech(item: Json, where: str) -> Media:
    """`input_audio`: base64 and a format; Mistral takes one string, Alibaba a URL in place of the bytes."""
    value = item.get("input_audio")
    if isinstance(value, str):
        return _heard(Media("audio"), value)
    holder = needed(item, "input_audio", dict, where)
    form = optional(holder, "format", str, f"{where}.input_audio") or ""
    mime = SOUNDS.get(form, f"audio/{form}") if form else ""
    return _heard(Media("audio", mime=mime), needed(holder, "data", str, f"{where}.input_audio"))


def _heard(media: Media, written: str) -> Media:
    """A sound whose bytes or URL stand in one string."""
    if "://" in written[:16] or written[:5].lower() == "data:":
        return place(media, written)
    media.data = written
    return media


def file(item: Json, where: str) -> Media:
    """A file by id, as bytes, or (OpenRouter) by URL."""
    holder = needed(item, "file", dict, where)
    inside = f"{where}.file"
    found = Media("document", name=optional(holder, "filename", str, inside) or "")
    found.file = optional(holder, "file_id", str, inside) or ""
    if found.file:
        return found
    return _heard(found, needed(holder, "file_data", str, inside))


def refusal(item: Json, where: str) -> Refusing:
    """Words with which the model declined earlier."""
    return Refusing(needed(item, "refusal", str, where))


def thinking(item: Json, where: str) -> Thinking:
    """Mistral's chunk of thoughts."""
    value = item.get("thinking")
    if not isinstance(value, str | list):
        raise wrong(f"{where}.thinking", "must be an array of text chunks.")
    return Thinking(chunks(value))


PARTS: Final[dict[str, Callable[[Json, str], Any]]] = {
    "text": text,
    "image_url": image,
    "input_audio": speech,
    "audio_url": sound,
    "video_url": film,
    "file": file,
    "document_url": document("document_url"),
    "file_url": document("file_url"),
    "refusal": refusal,
    "thinking": thinking,
}
