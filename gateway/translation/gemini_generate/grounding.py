"""Sources: groundingMetadata and citationMetadata as citations, and citations as groundingMetadata.

Google counts bytes of UTF-8, the neutral form characters.
"""

from typing import Final

from gateway.conversation.parts import Citation
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.words import NAME
from gateway.translation.values import soft

KEPT: Final = ("groundingMetadata", "citationMetadata", "urlContextMetadata")
"""Members of a candidate that a client of this dialect gets as they came, as Natives."""

SOURCES: Final = ("web", "maps", "image", "retrievedContext")
"""Kinds of groundingChunks."""


def together(before: Json, now: Json) -> Json:
    """What two chunks say: members that come later win, but what is recited adds up."""
    merged = {**before, **now}
    cited = soft(before.get("citations"), list, [])
    if cited and isinstance(now.get("citations"), list):
        merged["citations"] = [*cited, *(one for one in now["citations"] if one not in cited)]
    return merged


def read_grounding(metadata: Json, text: str) -> list[Citation]:
    """One citation for each source of each segment of `text`, the words of the answer's last text."""
    chunks = soft(metadata.get("groundingChunks"), list, [])
    found: list[Citation] = []
    raw = text.encode("utf-8", "replace")
    for support in soft(metadata.get("groundingSupports"), list, []):
        said = soft(support, dict, {})
        start, end = _place(soft(said.get("segment"), dict, {}), text, raw)
        found += [
            _source(soft(chunks[index], dict, {}), index, start, end)
            for index in soft(said.get("groundingChunkIndices"), list, [])
            if isinstance(index, int) and 0 <= index < len(chunks)
        ]
    return found


def _place(segment: Json, text: str, raw: bytes) -> tuple[int | None, int | None]:
    """Where in `text` a segment is, in characters; its own words decide where its numbers are of another part."""
    words = soft(segment.get("text"), str, "")
    start, end = soft(segment.get("startIndex"), int, 0), soft(segment.get("endIndex"), int, 0)
    if 0 <= start < end <= len(raw):
        found = raw[start:end].decode("utf-8", "replace")
        if found == words or not words:
            first = len(raw[:start].decode("utf-8", "replace"))
            return first, first + len(found)
    at = text.find(words) if words else -1
    return (at, at + len(words)) if at >= 0 else (None, None)


def _source(chunk: Json, index: int, start: int | None, end: int | None) -> Citation:
    """A chunk as a citation: the web's and the map's have URLs, what was retrieved is a document."""
    for kind in SOURCES:
        said = chunk.get(kind)
        if isinstance(said, dict):
            url = soft(said.get("uri"), str, "") or soft(said.get("sourceUri"), str, "")
            return Citation(
                "document" if kind == "retrievedContext" else "url",
                url=url,
                title=soft(said.get("title"), str, ""),
                cited=soft(said.get("text"), str, ""),
                source=str(index) if kind == "retrievedContext" else "",
                start=start,
                end=end,
                native=chunk,
                dialect=NAME,
            )
    return Citation(start=start, end=end, native=chunk, dialect=NAME)


def read_citations(metadata: Json, text: str) -> list[Citation]:
    """What the answer recites: works with their place in `text`."""
    raw = text.encode("utf-8", "replace")
    found: list[Citation] = []
    cited = metadata.get("citations") or metadata.get("citationSources")
    for one in soft(cited, list, []):
        said = soft(one, dict, {})
        start, end = _place(said, text, raw)
        url, title = soft(said.get("uri"), str, ""), soft(said.get("title"), str, "")
        found.append(Citation(url=url, title=title, start=start, end=end, native=said, dialect=NAME))
    return found


def write_grounding(cited: list[tuple[int, str, list[Citation]]]) -> Json:
    """The groundingMetadata of texts, each with the number of its part; empty where nothing is cited."""
    chunks: list[Json] = []
    supports: list[Json] = []
    for number, text, citations in cited:
        for citation in citations:
            supports.append({"segment": _segment(number, text, citation), "groundingChunkIndices": [len(chunks)]})
            chunks.append(_chunk(citation))
    return {"groundingChunks": chunks, "groundingSupports": supports} if chunks else {}


def _segment(number: int, text: str, citation: Citation) -> Json:
    """Where the cited words are, in bytes; all of the text where the citation does not say."""
    start = 0 if citation.start is None else citation.start
    end = len(text) if citation.end is None else citation.end
    first = len(text[:start].encode("utf-8", "replace"))
    words = text[start:end]
    last = first + len(words.encode("utf-8", "replace"))
    return {"partIndex": number, "startIndex": first, "endIndex": last, "text": words}


def _chunk(citation: Citation) -> Json:
    """The source in Google's words."""
    if (
        citation.dialect == NAME
        and isinstance(citation.native, dict)
        and not citation.native.keys().isdisjoint(SOURCES)
    ):
        return citation.native
    if citation.kind == "url":
        return {"web": {"uri": citation.url, "title": citation.title}}
    told = {"uri": citation.url, "title": citation.title or citation.source, "text": citation.cited}
    return {"retrievedContext": {name: value for name, value in told.items() if value}}
