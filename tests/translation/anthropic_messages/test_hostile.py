"""Requests with anything anywhere: a Refusal 400 or a request, never another exception."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.translation.anthropic_messages import CODEC
from gateway.translation.codec import Quirks

REQUEST = {
    "model": "claude-opus-4-8",
    "max_tokens": 5,
    "system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a", "citations": [{"type": "char_location", "document_index": 0}]},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}},
                {"type": "document", "source": {"type": "text", "data": "x"}, "citations": {"enabled": True}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "a", "signature": "b"},
                {"type": "redacted_thinking", "data": 'gw~x~["t1","s"]'},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}, "caller": {"type": "direct"}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "a"}]}],
        },
        {"role": "system", "content": "a", "clear_at": "never"},
    ],
    "tools": [
        {
            "name": "f",
            "input_schema": {"type": "object"},
            "strict": True,
            "input_examples": [{}],
            "defer_loading": True,
        },
        {"type": "bash_20250124", "name": "bash"},
    ],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 9, "display": "omitted"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {}}},
    "output_format": {"type": "json_schema", "schema": {}},
    "metadata": {"user_id": "u"},
    "stop_sequences": ["a"],
    "service_tier": "auto",
    "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
}

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**60)
    | st.floats()
    | st.sampled_from(["", "type", "gw~a~~~", "tools"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "text", "name"]), inner),
    max_leaves=4,
)


def places(value, path=()):
    """Every place in a request, from the outside in."""
    yield path
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(inner, (*path, name))


PLACES = [path for path in places(REQUEST) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3))
@settings(max_examples=400)
def test_anything_anywhere_is_refused_with_400_or_written(changes):
    request = copy.deepcopy(REQUEST)
    for path, value in changes:
        holder = request
        try:
            for name in path[:-1]:
                holder = holder[name]
            holder[path[-1]] = value
        except (TypeError, LookupError):
            continue
    try:
        asked, status = CODEC.read_request(request), 0
    except Refusal as refused:
        asked, status = None, refused.status
    assert (status == 400) is (asked is None)
    if asked is None:
        return
    CODEC.write_request(asked, Losses(CODEC.rules), Quirks())
    asked.dialect = "openai_chat"
    CODEC.write_request(asked, Losses(CODEC.rules), Quirks())
