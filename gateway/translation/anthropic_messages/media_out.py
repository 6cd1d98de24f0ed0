"""Images and documents on their way out."""

from base64 import b64decode
from collections.abc import Callable
from typing import Final

from gateway.conversation.parts import Media
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.codec import Json

BEGINNINGS: Final = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
    "JVBERi": "application/pdf",
}
"""What files of a kind begin with, in base64: for clients that did not say what they sent."""

PDF: Final = "application/pdf"


def kind_of(data: str) -> str:
    """The type of a file by how its base64 begins; empty where that is unknown."""
    return next((mime for begin, mime in BEGINNINGS.items() if data.startswith(begin)), "")


def source_of(media: Media) -> str:
    """Which of its four sources is given: data, url, file or text."""
    given = next((name for name in ("url", "file", "data", "text") if getattr(media, name)), "")
    return given or ("text" if media.kind == "document" else "data")


def written_media(media: Media, account: Account) -> Json | None:
    """The block of an image or a document; None where it is lost."""
    source = source_of(media)
    name = f"{media.kind}.{source}"
    if not account.takes(name):
        return None
    written = WRITES[source](media, account)
    if written is None:
        account.lose(name)
        return None
    block: Json = {"type": media.kind, "source": written}
    if media.kind == "document":
        if media.name:
            block["title"] = media.name
        if media.cite and account.takes("citations"):
            block["citations"] = {"enabled": True}
    elif media.detail not in ("", "auto"):
        account.takes("image.detail")
    return block


def _base64(media: Media, account: Account) -> Json | None:
    """A file in the request itself; of documents only PDF, and text as text."""
    mime = media.mime or kind_of(media.data)
    if media.kind == "document" and not account.own:
        mime = mime or PDF
        if mime != PDF:
            return _decoded(media.data) if mime.startswith("text/") else None
    source: Json = {"type": "base64", "media_type": mime, "data": media.data}
    if not mime:
        del source["media_type"]
    return source


def _decoded(data: str) -> Json | None:
    """A text that came as base64; None where it is none."""
    try:
        return {"type": "text", "media_type": "text/plain", "data": b64decode(data).decode()}
    except ValueError:
        return None


WRITES: Final[dict[str, Callable[[Media, Account], Json | None]]] = {
    "data": _base64,
    "url": lambda media, account: {"type": "url", "url": media.url},
    "file": lambda media, account: {"type": "file", "file_id": media.file},
    "text": lambda media, account: {"type": "text", "media_type": "text/plain", "data": media.text},
}
