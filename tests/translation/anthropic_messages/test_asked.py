from gateway.conversation.parts import Cache
from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.asked import cache_control, cache_of, hints_of


def test_a_cache_marker_crosses_with_its_time_and_its_scope():
    for marker in ({"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}, {"type": "ephemeral", "scope": "global"}):
        assert cache_control(cache_of(marker)) == marker


def test_a_marker_without_more_is_the_plain_one():
    assert type(cache_of({"type": "ephemeral", "ttl": "5m"})) is Cache
    assert cache_of(None) is None


def test_only_clients_of_this_dialect_have_hints():
    assert hints_of(Conversation("openai_chat", "m", [])) == {}
