"""Sources of what is said."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Citation
from gateway.translation.gemini_generate.grounding import read_citations, read_grounding, together, write_grounding
from tests.translation.gemini_generate.asking import OWN

WEB = {"web": {"uri": "https://a", "title": "A"}}
BOOK = {"retrievedContext": {"uri": "gs://b", "title": "B", "text": "words"}}


def grounded(segment, *indices):
    return {
        "groundingChunks": [WEB, BOOK],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": list(indices)}],
    }


def test_bytes_become_characters():
    text = "Größe: é 12."
    start, end = len("Größe: ".encode()), len("Größe: é 12".encode())
    metadata = grounded({"startIndex": start, "endIndex": end, "text": "é 12"}, 0, 1)
    assert read_grounding(metadata, text) == [
        Citation("url", "https://a", "A", start=7, end=11, native=WEB, dialect=OWN),
        Citation("document", "gs://b", "B", "words", "1", 7, 11, native=BOOK, dialect=OWN),
    ]


def test_numbers_of_another_part_are_not_believed():
    metadata = grounded({"startIndex": 100, "endIndex": 104, "text": "here"}, 0)
    [found] = read_grounding(metadata, "It is here.")
    assert (found.start, found.end) == (6, 10)
    [found] = read_grounding(metadata, "It is gone.")
    assert (found.start, found.end) == (None, None)


def test_what_is_odd_is_as_if_it_were_absent():
    assert (
        read_grounding({"groundingChunks": 3, "groundingSupports": [3, {"groundingChunkIndices": [0, "x"]}]}, "a") == []
    )
    odd = {"groundingChunks": [3], "groundingSupports": [{"segment": 3, "groundingChunkIndices": [0, -1, 9]}]}
    assert read_grounding(odd, "a") == [Citation(native={}, dialect=OWN)]


def test_what_is_recited():
    said = {"startIndex": 2, "endIndex": 3, "uri": "https://a", "title": "A", "license": "MIT"}
    found = [Citation("url", "https://a", "A", start=1, end=2, native=said, dialect=OWN)]
    assert read_citations({"citations": [said]}, "éa") == found
    assert read_citations({"citationSources": [said]}, "éa") == found


def test_later_chunks_win_but_what_is_recited_adds_up():
    assert together({"webSearchQueries": ["a"]}, {"webSearchQueries": ["a", "b"]}) == {"webSearchQueries": ["a", "b"]}
    assert together({"citations": [1]}, {"citations": [1, 2]}) == {"citations": [1, 2]}


def test_citations_of_others_are_written_as_sources():
    cited = [
        Citation("url", "https://a", "A", start=1, end=2),
        Citation("document", title="B", cited="words", source="0"),
        Citation("document", native=BOOK, dialect=OWN),
    ]
    assert write_grounding([(3, "éa", cited)]) == {
        "groundingChunks": [WEB, {"retrievedContext": {"title": "B", "text": "words"}}, BOOK],
        "groundingSupports": [
            {
                "segment": {"partIndex": 3, "startIndex": 2, "endIndex": 3, "text": "a"},
                "groundingChunkIndices": [0],
            },
            *(
                {
                    "segment": {"partIndex": 3, "startIndex": 0, "endIndex": 3, "text": "éa"},
                    "groundingChunkIndices": [number],
                }
                for number in (1, 2)
            ),
        ],
    }
    assert write_grounding([(0, "a", [])]) == {}


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.data())
def test_places_come_through(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    written = write_grounding([(0, text, [Citation("url", "https://a", start=start, end=end)])])
    [found] = read_grounding(written, text)
    assert (found.start, found.end) == (start, end)
