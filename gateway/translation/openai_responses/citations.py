"""Citations as `annotations` of a text: of pages, of stored files, of files in a container."""

from typing import Final

from gateway.conversation.parts import Citation
from gateway.translation.codec import Json
from gateway.translation.openai_responses.own import NAME
from gateway.translation.values import soft

FILES: Final = ("file_citation", "container_file_citation", "file_path")


def read_citation(annotation: object) -> Citation | None:
    """An annotation in the neutral form, its own form kept beside; None where it is no object."""
    if not isinstance(annotation, dict):
        return None
    return Citation(
        kind="file" if annotation.get("type") in FILES else "url",
        url=soft(annotation.get("url"), str, ""),
        title=soft(annotation.get("title"), str, "") or soft(annotation.get("filename"), str, ""),
        source=soft(annotation.get("file_id"), str, ""),
        start=_place(annotation.get("start_index")),
        end=_place(annotation.get("end_index")),
        native=annotation,
        dialect=NAME,
    )


def read_citations(annotations: object) -> list[Citation]:
    """Those of a list that can be read."""
    found = annotations if isinstance(annotations, list) else ()
    return [one for annotation in found if (one := read_citation(annotation)) is not None]


def _place(value: object) -> int | None:
    """A position in a text; None where it is none."""
    return value if type(value) is int else None


def write_citation(citation: Citation) -> Json:
    """An annotation; one of this dialect's own as it stood.

    The SDK's types want every member, so what another dialect does not say is 0 or empty.
    """
    if citation.dialect == NAME and isinstance(citation.native, dict):
        return citation.native
    if citation.kind == "url":
        return {
            "type": "url_citation",
            "start_index": citation.start or 0,
            "end_index": citation.end or 0,
            "url": citation.url,
            "title": citation.title,
        }
    return {
        "type": "file_citation",
        "index": citation.end or citation.start or 0,
        "file_id": citation.source,
        "filename": citation.title,
    }
