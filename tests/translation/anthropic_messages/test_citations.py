from anthropic.types import TextCitation
from pydantic import TypeAdapter

from gateway.conversation.parts import Citation
from gateway.translation.anthropic_messages.citations import citation, citations, location, returned

CHAR = {
    "type": "char_location",
    "cited_text": "Ruby was made",
    "document_index": 2,
    "document_title": "facts.txt",
    "start_char_index": 0,
    "end_char_index": 13,
}
PAGE = {
    "type": "page_location",
    "cited_text": "x",
    "document_index": 0,
    "document_title": None,
    "start_page_number": 1,
    "end_page_number": 2,
}
BLOCK = {
    "type": "content_block_location",
    "cited_text": "x",
    "document_index": 1,
    "document_title": "t",
    "start_block_index": 0,
    "end_block_index": 1,
}
WEB = {
    "type": "web_search_result_location",
    "cited_text": "4.0.6",
    "url": "https://ruby-lang.org",
    "title": "Ruby",
    "encrypted_index": "Eo8B",
}
FOUND = {
    "type": "search_result_location",
    "cited_text": "x",
    "source": "https://a.example",
    "title": "A",
    "search_result_index": 0,
    "start_block_index": 0,
    "end_block_index": 1,
}


def test_every_kind_of_location_goes_back_as_it_came():
    for one in (CHAR, PAGE, BLOCK, WEB, FOUND):
        assert location(citation(one)) is one


def test_a_location_says_where_it_is_from_in_neutral_words():
    read = citation(CHAR)
    assert (read.kind, read.title, read.cited, read.source) == ("document", "facts.txt", "Ruby was made", "2")
    read = citation(WEB)
    assert (read.kind, read.url, read.title, read.cited) == ("url", "https://ruby-lang.org", "Ruby", "4.0.6")
    assert citation(FOUND).source == "https://a.example"


def test_what_is_odd_is_passed_over():
    assert citations([None, 3, {"type": 5, "title": [], "url": 1}])[0].title == ""
    assert citations("no") == []


def test_another_dialects_citations_are_of_the_sdks_types():
    for one in (
        Citation("url", "https://a.example", "A", "cited"),
        Citation("document", title="t", cited="cited", source="3"),
        Citation("file", source="file-abc"),
    ):
        TypeAdapter(TextCitation).validate_python(location(one))
    assert location(Citation("document", source="3"))["document_index"] == 3
    assert location(Citation("file", source="file-abc"))["file_id"] == "file-abc"


def test_only_citations_that_the_maker_made_go_back_to_it():
    made_here = citation(location(Citation("url", "https://a.example")))
    assert returned([citation(CHAR), citation(WEB), made_here, Citation("url", "https://b.example")]) == [CHAR, WEB]
