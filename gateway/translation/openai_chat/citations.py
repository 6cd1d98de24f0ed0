"""`annotations`: where the words of an answer come from."""

from gateway.conversation.parts import Citation, Native
from gateway.translation.codec import Json
from gateway.translation.openai_chat.natives import ANNOTATION, DIALECT, native
from gateway.translation.values import soft


def read(annotations: object) -> tuple[list[Citation], list[Native]]:
    """Citations of pages, and whatever else a provider annotates with (the text of a parsed file)."""
    cited: list[Citation] = []
    others: list[Native] = []
    for item in annotations if isinstance(annotations, list) else ():
        if not isinstance(item, dict):
            continue
        page = item.get("url_citation")
        if isinstance(page, dict):
            cited.append(citation(item, page))
        elif item:
            others.append(native(ANNOTATION, item))
    return cited, others


def citation(item: Json, page: Json) -> Citation:
    """One `url_citation`, with the provider's object for a client of this dialect."""
    return Citation(
        url=soft(page.get("url"), str, ""),
        title=soft(page.get("title"), str, ""),
        cited=soft(page.get("content"), str, ""),
        start=soft(page.get("start_index"), int, None),
        end=soft(page.get("end_index"), int, None),
        native=item,
        dialect=DIALECT,
    )


def annotation(citation: Citation, offset: int) -> Json:
    """The annotation for a client; `offset` is where the cited text begins in the whole content, in characters."""
    if citation.dialect == DIALECT and isinstance(citation.native, dict) and not offset:
        return citation.native
    page: Json = {
        "url": citation.url,
        "title": citation.title or citation.source,
        "start_index": offset + (citation.start or 0),
        "end_index": offset + (citation.end or 0),
    }
    if citation.cited:
        page["content"] = citation.cited
    return {"type": "url_citation", "url_citation": page}
