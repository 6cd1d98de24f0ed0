"""Citations: Anthropic's five kinds of location, and what another dialect's become."""

from typing import Any, Final

from gateway.conversation.parts import Citation
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.codec import Json
from gateway.translation.values import soft

WEB: Final = "web_search_result_location"


def citation(location: Json) -> Citation:
    """A location as a citation; its start and end are places in the source, not in the text, and stay in `native`."""
    kind = location.get("type")
    read = Citation(
        "document",
        title=soft(location.get("document_title"), str, "") or soft(location.get("title"), str, ""),
        cited=soft(location.get("cited_text"), str, ""),
        native=location,
        dialect=NAME,
    )
    if kind == WEB:
        read.kind, read.url = "url", soft(location.get("url"), str, "")
        return read
    number = location.get("document_index")
    plain = str(number) if type(number) is int else ""
    read.source = soft(location.get("file_id"), str, "") or soft(location.get("source"), str, "") or plain
    return read


def citations(locations: object) -> list[Citation]:
    """A text's locations as citations; what is no location is passed over."""
    return [citation(one) for one in soft(locations, list, []) if isinstance(one, dict)]


def location(cited: Citation) -> dict[str, Any]:
    """A citation as a client of this dialect reads it.

    Another dialect's page becomes a web search result, anything else of its a place in a document; neither can say
    where in its source it is.
    """
    if cited.dialect == NAME and isinstance(cited.native, dict):
        return cited.native
    if cited.kind == "url":
        return {
            "type": WEB,
            "cited_text": cited.cited,
            "url": cited.url,
            "title": cited.title or None,
            "encrypted_index": "",
        }
    return {
        "type": "char_location",
        "cited_text": cited.cited,
        "document_index": int(cited.source) if cited.source.isdecimal() and len(cited.source) < 10 else 0,
        "document_title": cited.title or None,
        "file_id": cited.source if cited.kind == "file" else None,
        "start_char_index": 0,
        "end_char_index": len(cited.cited),
    }


def returned(every: list[Citation]) -> list[Json]:
    """Those of a text's citations that Anthropic itself made, for a request; it takes no others.

    A web page without `encrypted_index` is one that `location` wrote for another provider's model.
    """
    own = [one.native for one in every if one.dialect == NAME and isinstance(one.native, dict)]
    return [one for one in own if one.get("type") != WEB or one.get("encrypted_index")]
