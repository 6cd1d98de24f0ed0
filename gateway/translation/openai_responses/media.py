"""The contents of messages and of tools' results: text, images, files and sound."""

from collections.abc import Callable
from typing import Final

from gateway.conversation.parts import Cache, Media, Native, Part, Refusing, Text
from gateway.translation.codec import Json
from gateway.translation.openai_responses.citations import read_citations
from gateway.translation.openai_responses.own import NAME, Breakpoint
from gateway.translation.values import needed, optional, typed, wrong

PDF: Final = "JVBERi0"
"""How the base64 of a PDF begins."""

SOUNDS: Final = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def read_content(value: object, place: str) -> list[Part]:
    """A message's `content` or a result's `output`, which is a string or a list of parts; raises Refusal 400."""
    if isinstance(value, str):
        return [Text(value)]
    if not isinstance(value, list):
        raise wrong(place, "must be a string or an array.")
    return [_part(one, f"{place}[{number}]") for number, one in enumerate(value)]


def _part(value: object, place: str) -> Part:
    """One part; what this codec does not know stays as it is. Raises Refusal 400."""
    part = typed(value, dict, place)
    kind = needed(part, "type", str, place)
    read = READERS.get(kind)
    return read(part, place) if read is not None else Native(NAME, kind, part)


def _cache(part: Json, place: str) -> Cache | None:
    """A cache breakpoint behind a part."""
    form = optional(part, "prompt_cache_breakpoint", dict, place)
    return None if form is None else Breakpoint(form=form)


def _text(part: Json, place: str) -> Part:
    """`input_text` of a client, or `output_text` that a model said before."""
    cited = read_citations(part.get("annotations"))
    return Text(needed(part, "text", str, place), cited, _cache(part, place))


def _refusal(part: Json, place: str) -> Part:
    """A model's earlier refusal."""
    return Refusing(needed(part, "refusal", str, place))


def _image(part: Json, place: str) -> Part:
    """An image by URL, inside a data URL, or by a file's id."""
    url = optional(part, "image_url", str, place) or ""
    file = optional(part, "file_id", str, place) or ""
    if not url and not file:
        raise wrong(place, "needs image_url or file_id.")
    mime, content = inline(url)
    return Media(
        "image",
        mime=mime,
        data=content,
        url="" if content else url,
        file="" if url else file,
        detail=_detail(part, place),
        cache=_cache(part, place),
    )


def _detail(part: Json, place: str) -> str:
    """How closely to look; `auto` is what happens without it."""
    detail = optional(part, "detail", str, place) or ""
    return "" if detail == "auto" else detail


def _file(part: Json, place: str) -> Part:
    """A document by URL, as a data URL or bare base64, or by a file's id."""
    content = optional(part, "file_data", str, place) or ""
    url = optional(part, "file_url", str, place) or ""
    file = optional(part, "file_id", str, place) or ""
    if not content and not url and not file:
        raise wrong(place, "needs file_data, file_url or file_id.")
    mime, inner = inline(content)
    return Media(
        "document",
        mime=mime or ("application/pdf" if content.startswith(PDF) else ""),
        data=inner or content,
        url="" if content else url,
        file="" if content or url else file,
        name=optional(part, "filename", str, place) or "",
        detail=_detail(part, place),
        cache=_cache(part, place),
    )


def _audio(part: Json, place: str) -> Part:
    """Sound as base64 with its format's short name."""
    sound = needed(part, "input_audio", dict, place)
    form = needed(sound, "format", str, f"{place}.input_audio")
    mime = SOUNDS.get(form, f"audio/{form}")
    return Media("audio", mime=mime, data=needed(sound, "data", str, f"{place}.input_audio"))


READERS: Final[dict[str, Callable[[Json, str], Part]]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "refusal": _refusal,
    "input_image": _image,
    "input_file": _file,
    "input_audio": _audio,
}


def inline(url: str) -> tuple[str, str]:
    """MIME type and base64 of a data URL (RFC 2397); both empty for any other URL."""
    if not url.startswith("data:"):
        return "", ""
    head, found, content = url[5:].partition(",")
    if not found or not head.endswith(";base64"):
        return "", ""
    return head.removesuffix(";base64"), content
