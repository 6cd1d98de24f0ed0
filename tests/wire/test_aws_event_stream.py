"""AWS's binary framing, both ways."""

import struct
from datetime import UTC, datetime
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.aws_event_stream import Corrupt, Decoder, Frame, encode
from tests import corpus

texts = st.text(max_size=20)
headers = st.dictionaries(st.text(min_size=1, max_size=10), texts, max_size=4)


def frame(raw_headers, payload):
    lengths = struct.pack(">II", 16 + len(raw_headers) + len(payload), len(raw_headers))
    text = lengths + struct.pack(">I", crc32(lengths)) + raw_headers + payload
    return text + struct.pack(">I", crc32(text))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(headers, st.binary(max_size=60)), max_size=5), st.data())
def test_frames_are_read_back_wherever_they_are_cut(given_frames, choose):
    text = b"".join(encode(head, payload) for head, payload in given_frames)
    cuts = sorted(choose.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    decoder = Decoder()
    found = [f for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True) for f in decoder.feed(text[a:b])]
    assert [(f.headers(), f.payload) for f in found] == given_frames
    assert decoder.pending == 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place, change):
    text = bytearray(encode({":event-type": "chunk"}, b'{"bytes":"e30="}'))
    text[place % len(text)] ^= change
    with pytest.raises(Corrupt):
        list(Decoder().feed(bytes(text) + b"\0" * 100))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 4), st.integers(0, 10**6), st.integers(1, 255))
def test_frames_before_one_that_is_corrupt_are_read_also_when_they_come_with_it(sound, place, change):
    good = [encode({":event-type": "chunk"}, b"%d" % number) for number in range(sound)]
    bad = bytearray(encode({":event-type": "chunk"}, b"bad"))
    bad[place % len(bad)] ^= change
    found = []
    with pytest.raises(Corrupt):
        for frame in Decoder().feed(b"".join(good) + bytes(bad) + bytes(100)):
            found.append(frame.payload)
    assert found == [b"%d" % number for number in range(sound)]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_headers_of_nonsense_raise_corrupt_and_nothing_else(raw):
    try:
        Frame(raw, b"").headers()
    except Corrupt:
        return


def test_every_type_of_header_is_read():
    raw = b"".join(
        [
            b"\1a\0",
            b"\1b\1",
            b"\1c\2\xff",
            b"\1d\3\xff\xfe",
            b"\1e\4\0\0\0\5",
            b"\1f\5" + (6).to_bytes(8, "big"),
            b"\1g\6\0\2hi",
            b"\1h\7\0\2ho",
            b"\1i\x08" + (1000).to_bytes(8, "big"),
            b"\1j\x09" + bytes(range(16)),
        ]
    )
    (found,) = Decoder().feed(frame(raw, b""))
    assert found.headers() == {
        "a": True,
        "b": False,
        "c": -1,
        "d": -2,
        "e": 5,
        "f": 6,
        "g": b"hi",
        "h": "ho",
        "i": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        "j": UUID(bytes=bytes(range(16))),
    }


def test_a_frame_that_claims_to_be_huge_is_refused_before_it_is_kept():
    lengths = struct.pack(">II", 2**31, 0)
    with pytest.raises(Corrupt):
        list(Decoder().feed(lengths + struct.pack(">I", crc32(lengths))))


def test_sixteen_mebibytes_fit():
    payload = bytes(16 * 2**20)
    decoder, text = Decoder(), encode({}, payload)
    found = [f for at in range(0, len(text), 2**16) for f in decoder.feed(text[at : at + 2**16])]
    assert found == [Frame(b"", payload)]


@corpus.present
def test_every_recorded_stream_is_read_to_its_end():
    streams = [e for e in corpus.exchanges() if "binary_eventstream" in e.features]
    assert streams
    for exchange in streams:
        decoder = Decoder()
        found = [f for chunk in exchange.chunks for f in decoder.feed(chunk)]
        assert decoder.pending == 0
        for one in found:
            head = one.headers()
            assert encode(head, one.payload) in exchange.body
