from gateway.conversation.events import Add, Close, Open
from gateway.conversation.parts import Text
from gateway.translation.anthropic_messages.writing import Blocks, framed


def test_an_event_has_its_name_before_its_text():
    assert framed("ping", {"type": "ping"}) == b'event: ping\ndata: {"type":"ping"}\n\n'


def test_a_piece_of_text_is_one_small_event():
    blocks = Blocks(100)
    blocks.take(Open(0, 0, Text()))
    assert blocks.add(Add(0, 0, "é\n")) == (
        b"event: content_block_delta\n"
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\xc3\xa9\\n"}}\n\n'
    )


def test_a_part_waits_for_the_one_before_it():
    blocks = Blocks(100)
    blocks.take(Open(0, 0, Text()))
    assert blocks.take(Open(0, 1, Text())) == blocks.add(Add(0, 1, "b")) == b""
    out = blocks.take(Close(0, 0))
    assert out.index(b"content_block_stop") < out.index(b'"index":1')
    assert b'"text":"b"' in out
    assert b"content_block_stop" in blocks.end()
