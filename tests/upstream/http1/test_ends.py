"""How the ways a connection can end are told apart."""

import httpx2
import pytest

from gateway.upstream.http1.ends import loss
from gateway.upstream.http1.limits import Limits
from gateway.upstream.http1.reading import Reading

CASES = [
    (0, 0, None, httpx2.RemoteProtocolError, "without an answer"),
    (0, 9, None, httpx2.RemoteProtocolError, "before its answer ended"),
    (200, 99, None, httpx2.RemoteProtocolError, "before its answer ended"),
    (0, 0, ConnectionResetError(), httpx2.ReadError, "ConnectionResetError"),
    (200, 99, BrokenPipeError(), httpx2.ReadError, "BrokenPipeError"),
    (0, 0, BrokenPipeError(), httpx2.WriteError, "while the request was sent"),
]


@pytest.mark.parametrize(("status", "size", "exc", "kind", "words"), CASES)
def test_an_end_before_its_time_says_what_it_broke(status, size, exc, kind, words):
    answer = Reading(Limits())
    answer.expect("GET")
    answer.status, answer.head_size = status, size
    told, sentence = loss(answer, exc)
    assert told is kind
    assert words in sentence
