"""Annotations are citations, and an own one comes back as it stood."""

import pytest

from gateway.conversation.parts import Citation
from gateway.translation.openai_responses.citations import read_citation, read_citations, write_citation

NAME = "openai_responses"
URL = {"type": "url_citation", "url": "https://e.com", "title": "E", "start_index": 1, "end_index": 5}
FILE = {"type": "file_citation", "file_id": "file-1", "filename": "a.pdf", "index": 7}
CONTAINER = {
    "type": "container_file_citation",
    "container_id": "c",
    "file_id": "f",
    "filename": "n",
    "start_index": 0,
    "end_index": 3,
}


@pytest.mark.parametrize(
    ("annotation", "citation"),
    [
        (URL, Citation("url", "https://e.com", "E", start=1, end=5, native=URL, dialect=NAME)),
        (FILE, Citation("file", title="a.pdf", source="file-1", native=FILE, dialect=NAME)),
        (CONTAINER, Citation("file", title="n", source="f", start=0, end=3, native=CONTAINER, dialect=NAME)),
    ],
)
def test_an_annotation_is_a_citation_and_comes_back(annotation, citation):
    assert read_citation(annotation) == citation
    assert write_citation(citation) == annotation


def test_odd_annotations_are_read_as_far_as_they_go():
    assert read_citation("x") is None
    assert read_citations([5, {"url": 5, "start_index": "x"}, None])[0].url == ""
    assert read_citations({}) == []


def test_another_dialects_citation_has_all_members_that_the_sdk_wants():
    other = Citation(
        "url", "https://e.com", native={"type": "web_search_result_location"}, dialect="anthropic_messages"
    )
    assert write_citation(other) == {
        "type": "url_citation",
        "url": "https://e.com",
        "title": "",
        "start_index": 0,
        "end_index": 0,
    }
