"""`data:` URLs (RFC 2397), in which this dialect carries images and files."""

from base64 import b64encode
from urllib.parse import unquote_to_bytes

from gateway.conversation.parts import Media


def place(media: Media, url: str) -> Media:
    """`media` with what the URL holds: its bytes and their type if it is a `data:` URL, else the URL itself."""
    if url[:5].lower() != "data:":
        media.url = url
        return media
    head, _, written = url[5:].partition(",")
    mime, *parameters = head.split(";")
    media.mime = mime or media.mime
    media.data = written if "base64" in parameters else b64encode(unquote_to_bytes(written)).decode()
    return media


def url_of(media: Media, mime: str) -> str:
    """The media's URL, or a `data:` URL of its bytes; `mime` is for media that do not say theirs."""
    return media.url or f"data:{media.mime or mime};base64,{media.data}"
