"""Every recorded v2 chat: requests are written as they were, answers read as they are."""

import json
from typing import Any

import pytest
from cohere.v2.types.v2chat_response import V2ChatResponse

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text, Thinking, ToolUse
from gateway.translation.codec import Quirks
from gateway.translation.cohere_chat import CODEC
from tests import corpus
from tests.translation.cohere_chat import recorded, shapes
from tests.translation.gathered import events_of, gathered

pytestmark = corpus.present

ALL = recorded.exchanges()
ANSWERS = [one for one in ALL if one.status == 200 and not one.stream]
STREAMS = [one for one in ALL if one.status == 200 and one.stream]


def by_id(exchange: corpus.Exchange) -> str:
    return exchange.id


@pytest.mark.parametrize("exchange", ALL, ids=by_id)
def test_a_request_is_written_as_it_was_recorded(exchange):
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(recorded.conversation(exchange), losses, Quirks())
    assert not losses.refused
    assert recorded.plain(written.body) == recorded.plain(json.loads(exchange.request_body))
    assert exchange.url.endswith("/" + written.path)
    shapes.check(written.body)


def told(parts: list[Any]) -> dict[str, Any]:
    """What neutral parts say."""
    texts = [part for part in parts if isinstance(part, Text)]
    return {
        "texts": [part.text for part in texts],
        "thoughts": "".join(part.text for part in parts if isinstance(part, Thinking)),
        "calls": [(part.id, part.name, json.loads(part.arguments)) for part in parts if isinstance(part, ToolUse)],
        "cited": [(one.start, one.end, one.cited) for part in texts for one in part.citations],
    }


def walk(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, taken out of it by hand."""
    message = answer["message"]
    content = message.get("content") or []
    calls = message.get("tool_calls") or []
    return {
        "texts": [block["text"] for block in content if block.get("text")],
        "thoughts": message.get("tool_plan", "") + "".join(block.get("thinking", "") for block in content),
        "calls": [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"] or "{}")) for call in calls
        ],
        "cited": [
            (one["start"], one["end"], one["text"]) for one in message.get("citations") or [] for _ in one["sources"]
        ],
    }


def counted(usage: dict[str, Any]) -> tuple[Any, ...]:
    tokens = usage.get("tokens") or usage["billed_units"]
    read = tokens["input_tokens"] + tokens.get("image_tokens", 0)
    return read, tokens["output_tokens"], usage.get("cached_tokens"), tokens.get("reasoning_tokens")


def metered(usage: Any) -> tuple[Any, ...]:
    return usage.input_tokens, usage.output_tokens, usage.input_cached_tokens, usage.output_reasoning_tokens


@pytest.mark.parametrize("exchange", ANSWERS, ids=by_id)
def test_an_answer_is_read_as_it_stands(exchange):
    answer = json.loads(exchange.body)
    completion = CODEC.read_answer(answer)
    (candidate,) = completion.candidates
    assert told(candidate.parts) == walk(answer)
    assert completion.id == answer["id"]
    assert candidate.native_reason == answer["finish_reason"]
    assert candidate.reason not in (None, "other")
    assert metered(completion.usage) == counted(answer["usage"])


def rebuilt(exchange: corpus.Exchange) -> dict[str, Any]:
    """The whole answer that a stream amounts to, put together by hand."""
    answer: dict[str, Any] = {}
    message: dict[str, Any] = {"role": "assistant", "tool_plan": "", "content": {}, "tool_calls": {}, "citations": []}
    for _, text in recorded.events(exchange):
        event = json.loads(text) if text != b"[DONE]" else {"type": "done"}
        if event["type"] == "message-start":
            answer["id"] = event["id"]
        elif event["type"] == "message-end":
            answer |= event["delta"]
        elif "delta" in event:
            grow(message, event["type"], event.get("index"), event["delta"]["message"])
    for name in ("content", "tool_calls"):
        message[name] = list(message[name].values())
    return {**answer, "message": message}


def grow(message: dict[str, Any], kind: str, index: int, said: dict[str, Any]) -> None:
    if kind == "content-start":
        message["content"][index] = dict(said["content"])
    elif kind == "content-delta":
        for key, more in said["content"].items():
            message["content"][index][key] += more
    elif kind == "tool-plan-delta":
        message["tool_plan"] += said["tool_plan"]
    elif kind == "tool-call-start":
        message["tool_calls"][index] = said["tool_calls"]
    elif kind == "tool-call-delta":
        message["tool_calls"][index]["function"]["arguments"] += said["tool_calls"]["function"]["arguments"]
    elif kind == "citation-start":
        message["citations"].append(said["citations"])


@pytest.mark.parametrize("exchange", STREAMS, ids=by_id)
def test_a_stream_says_what_the_same_answer_says_whole(exchange):
    whole = rebuilt(exchange)
    V2ChatResponse.model_validate(whole)
    stream = gathered(events_of(CODEC.reader(), recorded.events(exchange)))
    assert stream.state == "ended"
    assert told(stream.completion.candidates[0].parts) == walk(whole)
    assert metered(stream.completion.usage) == counted(whole["usage"])
    assert stream.completion == CODEC.read_answer(whole)


@pytest.mark.parametrize("exchange", STREAMS, ids=by_id)
def test_a_stream_cut_before_its_end_fails(exchange):
    events = recorded.events(exchange)
    end = next(at for at, (_, text) in enumerate(events) if b'"message-end"' in text)
    for cut in {0, 1, end // 2, end}:
        assert gathered(events_of(CODEC.reader(), events[:cut])).state == "failed"
    assert gathered(events_of(CODEC.reader(), events[: end + 1])).state == "ended"
