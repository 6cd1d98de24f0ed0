import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.losses import Losses
from gateway.translation.anthropic_messages import CODEC
from gateway.translation.codec import Quirks
from tests import corpus
from tests.translation.anthropic_messages.given import asked, read, sent
from tests.translation.anthropic_messages.recorded import model_of, plain, requests


def again(request):
    """A request read and written for the same dialect."""
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(CODEC.read_request(request), losses, Quirks())
    assert (losses.refused, losses.hints, written.headers) == ([], [], [])
    return written.body


def test_another_dialects_request_says_which_version_it_is_of():
    written = CODEC.write_request(asked(stream=True), Losses(CODEC.rules), Quirks())
    assert written.headers == [(b"anthropic-version", b"2023-06-01")]
    assert written.body["stream"] is True
    assert written.path == ""


def test_another_dialects_extras_are_lost_by_their_names():
    assert sent(asked(extras={"generationConfig.x": 1, "foo": 2}))[1] == ["generationConfig.x", "foo"]


def test_extras_and_hints_go_back_to_where_they_were():
    request = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 10,
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "system", "content": "Be quick.", "clear_at": "next_user_message"},
            {"role": "system", "content": "And kind."},
        ],
        "tools": [
            {
                "name": "f",
                "input_schema": {"type": "object"},
                "input_examples": [{}],
                "eager_input_streaming": True,
                "a.b": 1,
            },
            {"type": "web_search_20250305", "name": "web_search"},
            {"type": "mcp_toolset", "mcp_server_name": "a", "name": ["odd"]},
        ],
        "tool_choice": {"type": "auto", "new": 1},
        "thinking": {"type": "between_tools", "block_binding": {"a": 1}},
        "output_config": {"effort": "extreme", "task_budget": {"total": 9}, "format": {"type": "yaml"}},
        "metadata": {"user_id": "u", "team": "x"},
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "container": {"skills": []},
        "cache_control": {"type": "ephemeral"},
        "service_tier": "standard_only",
        "inference_geo": "eu",
    }
    assert again(request) == request
    assert again({**request, "thinking": {"type": "someday"}})["thinking"] == {"type": "someday"}


TEXT = st.text(min_size=1, max_size=8).filter(str.strip)
CACHE = st.sampled_from(
    [{}, {"cache_control": {"type": "ephemeral"}}, {"cache_control": {"type": "ephemeral", "ttl": "1h"}}]
)


def block(kind, **fields):
    return st.builds(lambda cache, values: {"type": kind, **values, **cache}, CACHE, st.fixed_dictionaries(fields))


SOURCE = st.sampled_from(
    [
        {"type": "base64", "media_type": "image/png", "data": "iVBO"},
        {"type": "url", "url": "https://a.example"},
        {"type": "file", "file_id": "file_1"},
    ]
)
PDF = st.sampled_from(
    [
        {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
        {"type": "text", "media_type": "text/plain", "data": "Facts."},
        {"type": "content", "content": [{"type": "text", "text": "a"}]},
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT, lambda inner: st.lists(inner, max_size=2), max_leaves=3
)
WORDS = block("text", text=TEXT)
IMAGE = block("image", source=SOURCE)
DOCUMENT = block("document", source=PDF) | block(
    "document", source=PDF, title=TEXT, citations=st.just({"enabled": True})
)
RESULT = block("tool_result", tool_use_id=st.just("t1"), content=TEXT | st.lists(WORDS | IMAGE | DOCUMENT, max_size=2))
THOUGHT = st.builds(
    lambda text, proof: {"type": "thinking", "thinking": text, "signature": proof}, TEXT, st.text("ab", min_size=1)
)
CALL = block("tool_use", id=st.just("t1"), name=TEXT, input=st.dictionaries(TEXT, JSON, max_size=2))
SEARCH = st.just({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}})
TURN = st.one_of(
    st.builds(
        lambda content: {"role": "user", "content": content},
        TEXT | st.lists(WORDS | IMAGE | DOCUMENT | RESULT, min_size=1, max_size=3),
    ),
    st.builds(
        lambda content: {"role": "assistant", "content": content},
        TEXT | st.lists(WORDS | THOUGHT | CALL | SEARCH, min_size=1, max_size=3),
    ),
)
TOOL = st.fixed_dictionaries(
    {"name": TEXT, "input_schema": st.just({"type": "object"})},
    optional={
        "description": TEXT,
        "strict": st.booleans(),
        "defer_loading": st.booleans(),
        "input_examples": st.just([{}]),
    },
)
REQUEST = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["claude-opus-4-8", "claude-3-haiku", "glm-5"]),
        "messages": st.lists(TURN, max_size=3),
        "max_tokens": st.integers(0, 9),
    },
    optional={
        "system": TEXT | st.lists(WORDS, min_size=1, max_size=2),
        "tools": st.lists(TOOL, min_size=1, max_size=2, unique_by=lambda tool: tool["name"]),
        "tool_choice": st.sampled_from(
            [{"type": "any"}, {"type": "tool", "name": "f", "disable_parallel_tool_use": True}]
        ),
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "top_k": st.integers(0, 9),
        "stop_sequences": st.lists(TEXT, min_size=1, max_size=2),
        "stream": st.just(True),
        "thinking": st.sampled_from(
            [{"type": "adaptive", "display": "omitted"}, {"type": "enabled", "budget_tokens": 9}, {"type": "disabled"}]
        ),
        "output_config": st.sampled_from(
            [{"effort": "xhigh"}, {"format": {"type": "json_schema", "schema": {"type": "object"}}, "effort": "low"}]
        ),
        "metadata": st.just({"user_id": "u"}),
        "service_tier": st.sampled_from(["auto", "standard_only"]),
    },
)


@given(REQUEST)
def test_a_request_for_the_same_dialect_is_the_same(request):
    before = json.dumps(request)
    assert plain(again(request)) == plain(request)
    assert json.dumps(request) == before


def recorded():
    """Every request but one that was recorded for its error."""
    return [one for one in requests() if one[1]["messages"] != ["Invalid content"]] if corpus.FOLDER.is_dir() else []


@corpus.present
@pytest.mark.parametrize(("id", "given"), recorded())
def test_every_recorded_request_is_written_as_it_was(id, given):
    given = model_of(given)
    written = again(given)
    if "max_tokens" not in given:
        assert written.pop("max_tokens") >= 8192
    assert plain(written) == plain(given)


def test_the_shortest_request_is_short():
    assert again(
        {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}
    ) == {
        "model": "m",
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    assert read().messages
