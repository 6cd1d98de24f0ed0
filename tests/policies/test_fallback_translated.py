"""A fallback to a provider of another wire format, through the translation that the onion has further in."""

import asyncio
import json

from gateway.compat.translate import Translate
from gateway.policies.fallback import Fallback
from gateway.policies.onion import onion
from gateway.settings.fallback import FallbackStep
from tests.policies.scripted import Script, says, taken, world
from tests.upstream.calls import call


def test_another_dialect_answers_in_the_clients_own():
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "hello"}], "usage": {"input_tokens": 3, "output_tokens": 2},
    }  # fmt: skip
    body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}).encode()
    second, one = Script(says(200, json.dumps(message).encode())), call(body=body)

    async def main():
        async with world(openai=Script(says(500)), anthropic=second) as providers:
            reach = {name: lane.provider for name, lane in providers.ask.lanes.items()}
            handler = onion(
                [Fallback([FallbackStep(to="claude/claude-x")], 60.0, {"claude": "anthropic"}, {}), Translate(reach)],
                providers.ask,
            )
            return await taken(handler, one)

    status, answer = asyncio.run(main())
    assert (status, json.loads(answer)["choices"][0]["message"]["content"]) == (200, "hello")
    (head, sent), *_ = second.asked
    assert b"/v1/messages" in head
    assert json.loads(sent)["model"] == "claude-x"
    assert [attempt.provider for attempt in one.record.attempts] == ["openai", "anthropic"]
