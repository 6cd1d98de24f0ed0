"""What a later event repeats is told from what it adds."""

from gateway.conversation.events import Add, Cite, Close, Logprobs
from gateway.conversation.parts import Text
from gateway.translation.openai_responses.pieces import Piece, Pieces, number


def test_only_what_did_not_come_is_added():
    piece, events = Piece(0), []
    piece.add("He", events)
    piece.rest("Hello", events)
    piece.rest("Hel", events)
    piece.rest(None, events)
    assert events == [Add(0, 0, "He"), Add(0, 0, "llo")]


def test_nothing_follows_the_end_of_a_part():
    piece, events = Piece(3), []
    piece.close(events)
    piece.close(events)
    piece.add("late", events)
    piece.cite({"url": "x"}, events)
    piece.fill({"type": "output_text", "text": "late"}, events)
    assert events == [Close(0, 3)]


def test_log_probabilities_of_the_whole_count_only_where_deltas_had_none():
    piece, events = Piece(0), []
    piece.weigh([], events)
    piece.weigh_whole([{"token": "a"}], events)
    piece.weigh_whole([{"token": "a"}], events)
    assert [type(one) for one in events] == [Logprobs]


def test_an_item_is_whole_once():
    pieces, events = Pieces(), []
    item = {"type": "message", "content": [{"type": "output_text", "text": "Hi", "annotations": [{"url": "u"}]}]}
    pieces.whole(0, item, events)
    before = list(events)
    pieces.whole(0, item, events)
    assert events == before
    assert [type(one) for one in events][1:] == [Add, Cite, Close]


def test_the_next_content_ends_the_one_before():
    pieces, events = Pieces(), []
    pieces.words({"content_index": 0}, Text, events)
    pieces.words({"content_index": 1}, Text, events)
    assert events[1] == Close(0, 0)


def test_an_index_that_is_none_is_the_first():
    assert [number({"n": odd}, "n") for odd in (None, "1", True, 2)] == [0, 0, 0, 2]
