"""Records as the edge leaves them, for tests of what is made from them."""

import time
from decimal import Decimal
from typing import Any

from gateway.call import Answer, Asked, Attempt, Record, Trace, Usage

ASKED = Asked("chat", "openai_chat", "small-1", True, {"gen_ai.request.max_tokens": 256, "gen_ai.request.top_p": 0.5})
USAGE = Usage(1200, 345, 1545, 600, 100, None, 64)
CREATED = 1_790_000_000_123_456_789


def attempt(**changes: Any) -> Attempt:
    """A served, streamed attempt of half a second."""
    made = Attempt(
        "demo",
        ASKED,
        100.0,
        address="api.example.com",
        port=443,
        key_alias="default",
        status=200,
        first_chunk=100.2,
        ended=100.5,
        answer=Answer(USAGE, "small-1-2026", "chatcmpl-1", ("stop",)),
        cost=Decimal("0.000123"),
        span_id="00f067aa0ba902b7",
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def record(**changes: Any) -> Record:
    """A served, streamed call that one provider answered at once."""
    made = Record(
        "01890a5d-ac96-774b-bcce-b302099a8057",
        CREATED,
        99.9,
        account="acme",
        gateway="production",
        config_version="a1b2c3d4",
        method="POST",
        path="v1/chat/completions",
        provider="demo",
        asked=ASKED,
        token="web",
        metadata={"team": "search", "user": 42},
        user_agent="OpenAI/Python 1.90.0",
        client_address="10.0.0.7",
        request_type="application/json",
        response_type="text/event-stream",
        request_size=812,
        response_size=4096,
        status=200,
        attempts=[attempt()],
        cost=Decimal("0.000123"),
        head_sent=100.2,
        ended=100.6,
        overhead=0.0004,
        trace=Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b6", sampled=True),
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def until(condition: Any, seconds: float = 5.0) -> bool:
    """Wait for `condition()` to hold; whether it did in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
