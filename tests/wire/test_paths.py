"""Paths that could mean two things, from a URL or from a body."""

import pytest

from gateway.wire.paths import unclear


@pytest.mark.parametrize(
    "path",
    [b"..", b"a/../b", b"a/%2e%2E/b", b"a/.%2e", b"./a", b"a%2f..%2fb", b"a\\b", b"a%5cb", b"a b", b"a\x00", b"a%00",
     b"a%0d%0ab", b"\xc3\xa9", b"a\r\nb", b"a/..;x"],
)  # fmt: skip
def test_these_could(path):
    assert unclear(path)


@pytest.mark.parametrize(
    "path", [b"", b"v1/chat/completions", b"@cf/meta/llama-3.1-8b", b"a.b/c..d", b"x:y%20z", b"a/...b"]
)
def test_these_cannot(path):
    assert not unclear(path)
