"""Content encodings undone in bounded pieces."""

import gzip
import time
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.compression import Inflater, Unreadable, plan


def raw_deflate(text):
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(text) + engine.flush()


PACK = {
    b"gzip": gzip.compress,
    b"x-gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstandard.compress,
}


def undone(encoding, *pieces):
    inflater = Inflater(plan(encoding))
    return b"".join(part for piece in pieces for part in inflater.feed(piece))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PACK)), st.binary(max_size=3000), st.integers(1, 700))
def test_each_encoding_is_undone_wherever_it_is_cut(encoding, text, size):
    packed = PACK[encoding](text)
    assert undone(encoding, *[packed[at : at + size] for at in range(0, len(packed), size)]) == text


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(sorted(PACK)), min_size=1, max_size=3), st.binary(max_size=2000), st.integers(1, 99))
def test_encodings_on_top_of_each_other_are_undone(encodings, text, size):
    packed = text
    for encoding in encodings:
        packed = PACK[encoding](packed)
    assert undone(b" , ".join(encodings), *[packed[at : at + size] for at in range(0, len(packed), size)]) == text


def test_deflate_without_its_wrapping_is_undone_too():
    assert undone(b"deflate", raw_deflate(b"hello" * 100)) == b"hello" * 100


@pytest.mark.parametrize("encoding", [b"gzip", b"zstd"])
def test_several_members_are_one_body(encoding):
    assert undone(encoding, PACK[encoding](b"one ") + PACK[encoding](b"two")) == b"one two"


def test_a_stream_flushed_event_by_event_comes_out_event_by_event():
    engine = zlib.compressobj(wbits=31)
    inflater = Inflater(plan(b"gzip"))
    for event in (b"data: 1\n\n", b"data: 2\n\n"):
        packed = engine.compress(event) + engine.flush(zlib.Z_SYNC_FLUSH)
        assert b"".join(inflater.feed(packed)) == event


def test_unknown_and_endless_encodings_have_no_plan():
    assert plan(b"gzip, rot13") is None
    assert plan(b",".join([b"gzip"] * 5)) is None
    assert plan(b"identity") == ()
    assert plan(b"GZIP") == plan(b"gzip")


@pytest.mark.parametrize("encoding", sorted(PACK))
def test_nonsense_is_unreadable(encoding):
    with pytest.raises(Unreadable):
        undone(encoding, b"\x1f\x8b\x08\xff nonsense, however long it is" * 20)


def bomb(encoding, size):
    if encoding == b"br":
        return brotli.compress(bytes(size), quality=3)
    if encoding == b"zstd":
        return zstandard.ZstdCompressor(level=3).compress(bytes(size))
    return PACK[encoding](bytes(size))


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_bomb_is_refused_in_small_parts(encoding):
    packed = bomb(encoding, 200 * 2**20)
    inflater, largest, begun = Inflater(plan(encoding)), 0, time.perf_counter()
    with pytest.raises(Unreadable):
        for at in range(0, len(packed), 32 * 2**10):
            for part in inflater.feed(packed[at : at + 32 * 2**10]):
                largest = max(largest, len(part))
    assert largest <= 16 * 2**20
    assert time.perf_counter() - begun < 5
