"""Every recorded exchange with Converse: requests are written as they were, answers read as they are."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Native, Text, Thinking, ToolUse
from gateway.translation.bedrock_converse import CODEC
from gateway.translation.codec import Quirks
from tests import corpus
from tests.translation.bedrock_converse import recorded, shapes
from tests.translation.gathered import events_of, gathered

pytestmark = corpus.present

ALL = recorded.exchanges()
ANSWERS = [one for one in ALL if one.status == 200 and not one.stream]
STREAMS = [one for one in ALL if one.status == 200 and one.stream]
FAULTS = [one for one in ALL if one.status >= 400]


def by_id(exchange: corpus.Exchange) -> str:
    return exchange.id


@pytest.mark.parametrize("exchange", ALL, ids=by_id)
def test_a_request_is_written_as_it_was_recorded(exchange):
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(recorded.conversation(exchange), losses, Quirks())
    assert not losses.refused
    assert recorded.plain(written.body) == recorded.plain(json.loads(exchange.request_body))
    path = exchange.url.split(".amazonaws.com/")[1].split("/")
    assert written.path == "/".join([path[0], path[1].replace(":", "%3A"), path[2]])


@pytest.mark.parametrize("exchange", [one for one in ALL if not one.model.endswith(":O")], ids=by_id)
def test_botocore_would_send_it(exchange):
    losses = Losses(CODEC.rules)
    shapes.check(CODEC.write_request(recorded.conversation(exchange), losses, Quirks()))


def walk(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """What an answer says, taken out of its blocks by hand."""
    said: dict[str, Any] = {"text": "", "thoughts": "", "redacted": [], "calls": [], "own": 0, "cited": 0}
    for block in blocks:
        if "text" in block:
            said["text"] += block["text"]
        elif "citationsContent" in block:
            said["text"] += "".join(one["text"] for one in block["citationsContent"]["content"])
            said["cited"] += len(block["citationsContent"]["citations"])
        elif "reasoningText" in block.get("reasoningContent", {}):
            said["thoughts"] += block["reasoningContent"]["reasoningText"]["text"]
        elif "reasoningContent" in block:
            said["redacted"].append(block["reasoningContent"]["redactedContent"])
        elif "toolUse" in block and block["toolUse"].get("type") != "server_tool_use":
            call = block["toolUse"]
            said["calls"].append((call["toolUseId"], call["name"], call["input"]))
        else:
            said["own"] += 1
    return said


def told(parts: list[Any]) -> dict[str, Any]:
    """The same of neutral parts."""
    texts = [part for part in parts if isinstance(part, Text)]
    thoughts = [part for part in parts if isinstance(part, Thinking)]
    calls = [part for part in parts if isinstance(part, ToolUse)]
    return {
        "text": "".join(part.text for part in texts),
        "thoughts": "".join(part.text for part in thoughts),
        "redacted": [part.redacted for part in thoughts if part.redacted],
        "calls": [(part.id, part.name, json.loads(part.arguments)) for part in calls],
        "own": sum(isinstance(part, Native) for part in parts),
        "cited": sum(len(part.citations) for part in texts),
    }


def counted(usage: dict[str, Any]) -> tuple[int, int, int, int]:
    """Input with what the cache read and wrote, output, reads, writes."""
    reads, writes = usage.get("cacheReadInputTokens", 0), usage.get("cacheWriteInputTokens", 0)
    return usage["inputTokens"] + reads + writes, usage["outputTokens"], reads, writes


def metered(usage: Any) -> tuple[int, int, int, int]:
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.input_cached_tokens or 0,
        usage.input_cache_write_tokens or 0,
    )


@pytest.mark.parametrize("exchange", ANSWERS, ids=by_id)
def test_an_answer_is_read_as_it_stands(exchange):
    answer = json.loads(exchange.body)
    completion = CODEC.read_answer(answer)
    assert told(completion.candidates[0].parts) == walk(answer["output"]["message"]["content"])
    assert completion.candidates[0].native_reason == answer["stopReason"]
    assert completion.candidates[0].reason != "other"
    assert metered(completion.usage) == counted(answer["usage"])
    assert completion.usage.total_tokens == answer["usage"]["totalTokens"]
    assert completion.extras["metrics"] == answer["metrics"]


def rebuilt(exchange: corpus.Exchange) -> dict[str, Any]:
    """The whole answer that a stream amounts to, put together by hand."""
    blocks: dict[int, dict[str, Any]] = {}
    answer: dict[str, Any] = {}
    for name, payload in recorded.frames(exchange):
        event = json.loads(payload)
        index = event.get("contentBlockIndex")
        if name == b"contentBlockStart":
            blocks[index] = json.loads(json.dumps(event["start"]))
        elif name == b"contentBlockDelta":
            grow(blocks.setdefault(index, {}), event["delta"])
        elif name in (b"messageStop", b"metadata"):
            answer |= event
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"].get("input") or "{}")
    return {**answer, "output": {"message": {"content": [blocks[index] for index in sorted(blocks)]}}}


def grow(block: dict[str, Any], delta: dict[str, Any]) -> None:
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        block["toolUse"]["input"] = block["toolUse"].get("input", "") + delta["toolUse"]["input"]
    elif "toolResult" in delta:
        block["toolResult"].setdefault("content", []).extend(delta["toolResult"])
    elif "text" in delta["reasoningContent"]:
        held = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {"text": ""})
        held["text"] += delta["reasoningContent"]["text"]
    else:
        block["reasoningContent"] = delta["reasoningContent"]


@pytest.mark.parametrize("exchange", STREAMS, ids=by_id)
def test_a_stream_says_what_the_same_answer_says_whole(exchange):
    whole = CODEC.read_answer(rebuilt(exchange))
    stream = gathered(events_of(CODEC.reader(), recorded.frames(exchange)))
    assert stream.state == "ended"
    for part in [*whole.candidates[0].parts, *stream.completion.candidates[0].parts]:
        if isinstance(part, ToolUse):
            part.arguments = json.dumps(json.loads(part.arguments))
    whole.extras = {}
    assert stream.completion == whole


@pytest.mark.parametrize("exchange", STREAMS, ids=by_id)
def test_a_stream_is_read_as_it_stands(exchange):
    answer = rebuilt(exchange)
    completion = gathered(events_of(CODEC.reader(), recorded.frames(exchange))).completion
    assert told(completion.candidates[0].parts) == walk(answer["output"]["message"]["content"])
    assert completion.candidates[0].native_reason == answer["stopReason"]
    assert metered(completion.usage) == counted(answer["usage"])


@pytest.mark.parametrize("exchange", STREAMS, ids=by_id)
def test_a_stream_cut_anywhere_fails_and_says_nothing_after_it(exchange):
    frames = recorded.frames(exchange)
    stop = [name for name, _ in frames].index(b"messageStop")
    for cut in {0, 1, stop // 2, stop}:
        assert gathered(events_of(CODEC.reader(), frames[:cut])).state == "failed"
    assert gathered(events_of(CODEC.reader(), frames[: stop + 1])).state == "ended"


@pytest.mark.parametrize("exchange", FAULTS, ids=by_id)
def test_an_error_is_read_with_its_message(exchange):
    fault = CODEC.read_fault(exchange.status, exchange.body)
    assert fault.status == exchange.status
    assert fault.message == json.loads(exchange.body)["message"]
    assert fault.kind.endswith("Exception")


@pytest.mark.parametrize("exchange", ANSWERS, ids=by_id)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_an_answer_with_nonsense_in_it_is_read_as_far_as_it_goes(exchange, data):
    answer = json.loads(exchange.body)
    holders = [(holder, key) for holder in holders_of(answer) for key in holder]
    holder, key = data.draw(st.sampled_from(holders))
    holder[key] = data.draw(st.sampled_from([None, True, -1, 2.5, "x", [], [7, None, "x"], {}, {"text": 3}]))
    completion = CODEC.read_answer(answer)
    assert len(completion.candidates) == 1
    assert msgspec.json.encode(completion.usage)


def holders_of(value: Any) -> list[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(value, list):
        return [found for one in value for found in holders_of(one)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for one in value.values() for found in holders_of(one))]
