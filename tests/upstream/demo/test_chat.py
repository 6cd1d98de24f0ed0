from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.demo.chat import pieces, words


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_the_pieces_of_a_text_are_the_text(text):
    assert "".join(pieces(text)) == text
    assert "" not in pieces(text)


def test_words_are_counted_by_the_blanks_between_them():
    assert (words(""), words("a"), words("a b\nc")) == (0, 1, 3)
