"""Paths below compat/: which dialect is spoken there and what is wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compat.endpoints import NOTHING, Endpoint, endpoint


@pytest.mark.parametrize("version", [b"", b"v1/"])
@pytest.mark.parametrize(
    ("path", "kind", "dialect"),
    [
        (b"chat/completions", "chat", "openai_chat"),
        (b"responses", "chat", "openai_responses"),
        (b"messages", "chat", "anthropic_messages"),
        (b"messages/count_tokens", "count", "anthropic_messages"),
        (b"embeddings", "embeddings", "openai_embeddings"),
        (b"models", "models", "openai_chat"),
    ],
)
def test_a_path_stands_with_and_without_its_version(version, path, kind, dialect):
    assert endpoint(version + path) == Endpoint(kind, dialect)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"v1beta/models/a/b:generateContent", Endpoint("chat", "gemini_generate", "a/b")),
        (b"v1beta/models/a/b:streamGenerateContent", Endpoint("chat", "gemini_generate", "a/b", True)),
        (b"v1beta/models/a/b:countTokens", Endpoint("count", "gemini_generate", "a/b")),
        (b"v1/models/a/b:generateContent", Endpoint("chat", "gemini_generate", "a/b")),
        (b"v1beta/models/a%2Fb:generateContent", Endpoint("chat", "gemini_generate", "a/b")),
        (b"v1beta/models/a/b:0:generateContent", Endpoint("chat", "gemini_generate", "a/b:0")),
        (b"v1beta/a/b:streamGenerateContent", Endpoint("chat", "gemini_generate", "a/b", True)),
        (b"v1beta/models", Endpoint("models", "gemini_generate")),
        (b"v1beta/models/a/b", Endpoint("models", "gemini_generate", "a/b")),
        (b"v1/models/a%2Fb", Endpoint("models", "openai_chat", "a/b")),
        (b"models/a/b", Endpoint("models", "openai_chat", "a/b")),
    ],
)
def test_googles_paths_hold_model_and_method(path, expected):
    assert endpoint(path) == expected


def test_a_model_is_decoded_once():
    assert endpoint(b"v1beta/models/a/%252e%252e%252Fx:generateContent").model == "a/%2e%2e%2Fx"


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"v1",
        b"v1/",
        b"v2/chat/completions",
        b"chat/completions/",
        b"/chat/completions",
        b"Chat/Completions",
        b"v1/v1/chat/completions",
        b"v1beta/chat/completions",
        b"v1beta/embeddings",
        b"completions",
        b"messages/batches",
        b"chat/completions\xff",
    ],
)
def test_anything_else_is_nothing(path):
    assert endpoint(path) is NOTHING


@given(st.binary(max_size=60))
def test_no_path_is_too_odd_to_be_looked_at(path):
    assert endpoint(path).kind in ("", "chat", "count", "embeddings", "models")


def test_paths_that_clients_make_up_are_not_remembered_for_ever():
    for number in range(2000):
        endpoint(b"v1beta/models/a/%d:generateContent" % number)
    assert endpoint.cache_info().currsize <= 512
