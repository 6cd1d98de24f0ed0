"""Contents as a provider of this dialect takes them, with an account of what it does not."""

from collections.abc import Sequence
from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Native, Part, Text
from gateway.translation.codec import Json
from gateway.translation.openai_responses.own import NAME, Breakpoint

FORMATS: Final = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}

ENDINGS: Final = {"application/pdf": ".pdf", "text/plain": ".txt", "text/markdown": ".md", "text/csv": ".csv"}

FORMS: Final = ("data", "url", "file", "text")


def write_content(parts: Sequence[Part], losses: Losses) -> str | list[Json]:
    """A string where it is one plain text, else a list of parts."""
    if not parts:
        return ""
    first = parts[0]
    if len(parts) == 1 and isinstance(first, Text) and not isinstance(first.cache, Breakpoint):
        if first.cache is not None:
            losses.allows("cache")
        return first.text
    return [part for one in parts if (part := _part(one, losses)) is not None]


def _part(part: Part, losses: Losses) -> Json | None:
    """One part, or None where it is noted as lost."""
    if isinstance(part, Text):
        return _cached({"type": "input_text", "text": part.text}, part, losses)
    if isinstance(part, Media):
        written = _media(part, losses)
        return None if written is None else _cached(written, part, losses)
    if isinstance(part, Native) and part.dialect == NAME and isinstance(part.value, dict):
        return part.value
    losses.lose(part.name if isinstance(part, Native) else type(part).__name__.lower())
    return None


def _cached(written: Json, part: Text | Media, losses: Losses) -> Json:
    """The part with its cache breakpoint, if it has one of this dialect's."""
    if isinstance(part.cache, Breakpoint):
        return {**written, "prompt_cache_breakpoint": part.cache.form}
    if part.cache is not None:
        losses.allows("cache")
    return written


def form_of(media: Media) -> str:
    """Which of its four forms a medium has, as FEATURES name it."""
    return next((form for form in FORMS if getattr(media, form)), "data")


def _media(media: Media, losses: Losses) -> Json | None:
    """A medium of any kind, or None where it is noted as lost."""
    if not losses.allows(f"{media.kind}.{form_of(media)}"):
        return None
    if media.kind == "image":
        return _image(media, losses)
    if media.kind == "audio":
        return _audio(media, losses)
    return _document(media, losses)


def _image(media: Media, losses: Losses) -> Json:
    """`input_image`; its `detail` is always there, since the SDK's type wants it."""
    detail = media.detail if media.detail and losses.allows("image.detail") else "auto"
    if media.file:
        return {"type": "input_image", "detail": detail, "file_id": media.file}
    url = f"data:{media.mime or 'image/png'};base64,{media.data}" if media.data else media.url
    return {"type": "input_image", "detail": detail, "image_url": url}


def _audio(media: Media, losses: Losses) -> Json | None:
    """`input_audio`, which has names for two formats."""
    form = FORMATS.get(media.mime)
    if form is None:
        losses.lose("audio.data")
        return None
    return {"type": "input_audio", "input_audio": {"data": media.data, "format": form}}


def _document(media: Media, losses: Losses) -> Json:
    """`input_file`; a plain text as text below its name, which all models read."""
    if media.cite:
        losses.allows("citations")
    if media.text:
        return {"type": "input_text", "text": f"{media.name}\n\n{media.text}" if media.name else media.text}
    written: Json = {"type": "input_file"}
    if media.file:
        written["file_id"] = media.file
    elif media.url:
        written["file_url"] = media.url
        if media.name:
            written["filename"] = media.name
    else:
        mime = media.mime
        written["file_data"] = f"data:{mime};base64,{media.data}" if mime else media.data
        # Content without a name is refused.
        written["filename"] = media.name or f"document{ENDINGS.get(mime, '')}"
    if media.detail:
        written["detail"] = media.detail
    return written
