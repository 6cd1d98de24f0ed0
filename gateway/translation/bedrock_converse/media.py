"""Images, sounds, films and documents as blocks: formats by media type, and names that Bedrock accepts."""

import re
from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media
from gateway.translation.codec import Json

FORMATS: Final[dict[str, dict[str, str]]] = {
    "image": {
        "image/png": "png",
        "image/jpeg": "jpeg",
        "image/jpg": "jpeg",
        "image/gif": "gif",
        "image/webp": "webp",
    },
    "audio": {
        "audio/mpeg": "mp3",
        "audio/mp3": "mp3",
        "audio/wav": "wav",
        "audio/x-wav": "wav",
        "audio/wave": "wav",
        "audio/opus": "opus",
        "audio/aac": "aac",
        "audio/flac": "flac",
        "audio/x-flac": "flac",
        "audio/mp4": "mp4",
        "audio/m4a": "m4a",
        "audio/x-m4a": "m4a",
        "audio/ogg": "ogg",
        "audio/webm": "webm",
        "audio/pcm": "pcm",
        "audio/x-matroska": "mka",
    },
    "video": {
        "video/mp4": "mp4",
        "video/quicktime": "mov",
        "video/mov": "mov",
        "video/x-matroska": "mkv",
        "video/webm": "webm",
        "video/x-flv": "flv",
        "video/mpeg": "mpeg",
        "video/mpg": "mpg",
        "video/x-ms-wmv": "wmv",
        "video/wmv": "wmv",
        "video/3gpp": "three_gp",
    },
    "document": {
        "application/pdf": "pdf",
        "text/csv": "csv",
        "application/msword": "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/vnd.ms-excel": "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "text/html": "html",
        "text/plain": "txt",
        "text/markdown": "md",
        "application/json": "txt",
        "application/xml": "txt",
    },
}
"""By media type (API reference: ImageBlock, AudioBlock, VideoBlock, DocumentBlock)."""

OPENINGS: Final = {"iVBORw0KGgo": "png", "/9j/": "jpeg", "R0lGOD": "gif", "UklGR": "webp", "JVBERi": "pdf"}
"""How base64 of a format begins, for clients that do not say the media type."""

STORED: Final = "s3://"

FORBIDDEN: Final = re.compile(r"[^A-Za-z0-9 ()\[\]-]+")
SPACES: Final = re.compile(r"\s+")
ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,5}$")
LONGEST: Final = 160
"""Characters kept of a document's name; Bedrock takes 200, and a number may have to be added."""


def format_of(media: Media) -> str:
    """Bedrock's word for the form of the data; empty where it has none."""
    formats = FORMATS[media.kind]
    mime = media.mime.partition(";")[0].strip().lower()
    found = formats.get(mime, "txt" if media.kind == "document" and mime.startswith("text/") else "")
    if found or mime:
        return found
    guesses = [form for opening, form in OPENINGS.items() if media.data.startswith(opening)]
    guesses.append(media.name.rpartition(".")[2].lower())
    return next((form for form in guesses if form in formats.values()), "")


class Shelf:
    """The media of one request; keeps the names of its documents apart, as Bedrock demands."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._taken: set[str] = set()

    def block(self, media: Media) -> Json | None:
        """The block of one medium; None where it cannot be carried, which is noted."""
        source = self._source(media)
        if source is None:
            return None
        if media.detail not in ("", "auto"):
            self._losses.allows("image.detail")
        form = "txt" if media.text and not media.mime else format_of(media)
        if media.kind != "document":
            return self._formed(media, form, {"source": source})
        body: Json = {"name": self._name(media.name), "source": source}
        if media.cite and self._losses.allows("citations"):
            body["citations"] = {"enabled": True}
        return self._formed(media, form, body)

    def _source(self, media: Media) -> Json | None:
        """Where the bytes are; None where Bedrock cannot get at them."""
        if media.url.startswith(STORED):
            return {"s3Location": {"uri": media.url}}
        given = "data" if media.data else "url" if media.url else "file" if media.file else "text"
        if not self._losses.allows(f"{media.kind}.{given}"):
            return None
        return {"text": media.text} if given == "text" else {"bytes": media.data}

    def _formed(self, media: Media, form: str, body: Json) -> Json | None:
        """The block with its format, without which only a document can be."""
        if form:
            return {media.kind: {"format": form, **body}}
        if media.kind == "document" and media.url:
            return {media.kind: body}
        self._losses.lose(f"{media.kind}.{'url' if media.url else 'data'}")
        return None

    def _name(self, given: str) -> str:
        """A name of the characters that Bedrock allows, and no other document's of this request."""
        tidy = FORBIDDEN.sub("-", SPACES.sub(" ", ENDING.sub("", given)))
        base = tidy.strip(" -")[:LONGEST].rstrip(" -") or f"Document {len(self._taken) + 1}"
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base} {number}", number + 1
        self._taken.add(name)
        return name
