"""Images, sounds, films and documents: `inlineData` and `fileData`, read and written."""

import re
from base64 import b64decode, b64encode
from typing import Final, Literal, TypeAlias

from gateway.conversation.parts import Media
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.seals import padded, standard
from gateway.translation.gemini_generate.words import members
from gateway.translation.values import needed, optional

Kind: TypeAlias = Literal["image", "audio", "video", "document"]

KINDS: Final[dict[str, Kind]] = {"image": "image", "audio": "audio", "video": "video"}

STORED: Final = re.compile(r"(?:gs://|https://[a-z0-9.-]*googleapis\.com/(?:[a-z0-9]+/)*files/)", re.ASCII)
"""URIs that only Google can read: Cloud Storage and its Files API."""

FILES: Final = "https://generativelanguage.googleapis.com/v1beta/files/"
YOUTUBE: Final = re.compile(r"https?://(?:(?:www|m)\.)?(?:youtube\.com|youtu\.be)/", re.ASCII)

# Google wants a MIME type beside a URI and other dialects have none there: it is told by the name's ending.
ENDINGS: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
}
USUAL: Final[dict[Kind, str]] = {
    "image": "image/jpeg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "document": "application/pdf",
}
FEATURES: Final = {"audio.file": "audio.url", "video.file": "video.url"}
"""Names that FEATURES lacks."""


def kind_of(mime: str) -> Kind:
    """The kind of a MIME type; what is neither seen nor heard is a document."""
    return KINDS.get(mime.partition("/")[0].lower(), "document")


def read_inline(blob: Json, place: str) -> Media:
    """Bytes in the request; text becomes a text document. Raises Refusal 400."""
    blob = members(blob)
    mime = optional(blob, "mimeType", str, place) or ""
    encoded = standard(needed(blob, "data", str, place))
    media = Media(kind_of(mime), mime, data=encoded, name=optional(blob, "displayName", str, place) or "")
    if mime.startswith("text/") and (text := _text(encoded)):
        media.data, media.text = "", text
    return media


def _text(encoded: str) -> str:
    """What base64 says as UTF-8; empty where it is not both."""
    try:
        return b64decode(padded(encoded), validate=True).decode()
    except ValueError:
        return ""


def read_stored(file: Json, place: str) -> Media:
    """A file by its URI, which may lie at Google or anywhere. Raises Refusal 400."""
    file = members(file)
    uri = needed(file, "fileUri", str, place)
    mime = optional(file, "mimeType", str, place) or ""
    kind = kind_of(mime or guessed(uri, ""))
    name = optional(file, "displayName", str, place) or ""
    if STORED.match(uri):
        return Media(kind, mime, file=uri, name=name)
    return Media(kind, mime, url=uri, name=name)


def guessed(uri: str, usual: str) -> str:
    """A MIME type by the ending of the name in a URI, `usual` where that says nothing."""
    if YOUTUBE.match(uri):
        return "video/mp4"
    ending = uri.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
    return ENDINGS.get(ending, usual)


def feature(media: Media) -> str:
    """What FEATURES calls it."""
    form = "text" if media.text else "data" if media.data else "file" if media.file else "url"
    name = f"{media.kind}.{form}"
    return FEATURES.get(name, name)


def written(media: Media, *, own: bool) -> Json:
    """The part for it. `own`: the client speaks this dialect, and gets what it left out left out again."""
    named = {"displayName": media.name} if own and media.name else {}
    if media.text:
        encoded = b64encode(media.text.encode("utf-8", "replace")).decode()
        return {"inlineData": {"mimeType": media.mime or "text/plain", "data": encoded, **named}}
    if media.data or not (media.url or media.file):
        return {"inlineData": {**_mime(media, "", own=own), "data": media.data, **named}}
    uri = media.url or (media.file if "://" in media.file else FILES + media.file.removeprefix("files/"))
    return {"fileData": {**_mime(media, uri, own=own), "fileUri": uri, **named}}


def _mime(media: Media, uri: str, *, own: bool) -> Json:
    """The `mimeType` member: the client's, or the likeliest."""
    if own and not media.mime:
        return {}
    return {"mimeType": media.mime or guessed(uri, USUAL[media.kind])}
