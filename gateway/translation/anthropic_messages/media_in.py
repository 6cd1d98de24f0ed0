"""Images and documents of a client."""

from typing import Final

from gateway.conversation.parts import Media, Native
from gateway.translation.anthropic_messages.asked import NAME, cache_of
from gateway.translation.codec import Json
from gateway.translation.values import needed, optional


def read_image(block: Json, place: str) -> Media | Native:
    """An image by one of its three sources; a source of a new type stays as it is."""
    media = Media("image", cache=cache_of(optional(block, "cache_control", dict, place)))
    return media if _source(media, block, place) else Native(NAME, _name(block), block)


def read_document(block: Json, place: str) -> Media | Native:
    """A document by one of its sources; one made of content blocks stays as it is, for no other dialect has that."""
    media = Media(
        "document",
        name=optional(block, "title", str, place) or "",
        cite=bool((optional(block, "citations", dict, place) or {}).get("enabled")),
        cache=cache_of(optional(block, "cache_control", dict, place)),
    )
    return media if _source(media, block, place) else Native(NAME, _name(block), block)


# By the type of a source: its field, and the field of Media that takes it.
SOURCES: Final = {
    "base64": ("data", "data"),
    "url": ("url", "url"),
    "file": ("file_id", "file"),
    "text": ("data", "text"),
}


def _source(media: Media, block: Json, place: str) -> bool:
    """Put the block's source into `media`; False where that is of a type that Media cannot hold."""
    source = needed(block, "source", dict, place)
    place = f"{place}.source"
    fields = SOURCES.get(needed(source, "type", str, place))
    if fields is None or (media.kind == "image" and fields[1] == "text"):
        return False
    theirs, ours = fields
    setattr(media, ours, needed(source, theirs, str, place))
    media.mime = optional(source, "media_type", str, place) or ""
    return True


def _name(block: Json) -> str:
    """What to call a block whose source is of another type."""
    return f"{block['type']}.{block['source']['type']}"
