"""Every recorded exchange of this dialect, of every provider that speaks it, read and written again."""

import copy
import json

import msgspec
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.call import Refusal
from gateway.conversation.events import Failed
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC
from gateway.translation.openai_chat.thoughts import unpack
from tests import corpus
from tests.translation.openai_chat import plain
from tests.translation.openai_chat.whole import (
    answers,
    asking,
    events_of,
    named,
    recorded,
    streams,
    together,
    written,
)

pytestmark = corpus.present

REASONS = {"stop": "stop", "length": "length", "tool_calls": "tool_use", "content_filter": "content_filter"}
REASONS |= {"eos": "stop"}

# Their thoughts or sounds stand beside the tokens, and in the total alone (gateway.dialects.openai_counts.whole).
APART = {"xai", "azure-openai", "gemini", "mistral", "vercel-gateway"}


def requests():
    return [one for one in recorded() if one.request_recorded and one.request_body]


def broken(exchange):
    return bool({"stream_error", "error_in_200"} & exchange.features)


@pytest.mark.parametrize("exchange", requests(), ids=lambda one: one.id)
def test_a_recorded_request_is_the_same_request_after_reading_and_writing(exchange):
    body = json.loads(exchange.request_body)
    if {"max_tokens", "max_completion_tokens"} <= body.keys() and exchange.status == 400:
        with pytest.raises(Refusal, match="max_tokens"):
            CODEC.read_request(body)
        return
    conversation = CODEC.read_request(body)
    losses = Losses(CODEC.rules)
    quirks = Quirks(
        limit="max_tokens" if "max_tokens" in body else "",
        renames={
            "cache": "prompt_cache_breakpoint"
            if b"prompt_cache_breakpoint" in exchange.request_body
            else "cache_control",
            "seed": "random_seed" if "random_seed" in body else "seed",
            "document.url": "document_url" if b"document_url" in exchange.request_body else "file_url",
            "document.data": next(
                (name for name in ("document_url", "file_url") if name.encode() in exchange.request_body), "file"
            ),
        },
        thoughts=next(
            (name for name in ("reasoning_content", "reasoning") if f'"{name}":"'.encode() in exchange.request_body),
            "content" if b'"thinking"' in exchange.request_body else "reasoning_details",
        ),
        reasoning=next(
            (
                way
                for name, way in {
                    "reasoning": "object",
                    "thinking": "thinking",
                    "enable_thinking": "enable_thinking",
                }.items()
                if name in body
            ),
            "",
        ),
    )
    again = CODEC.write_request(conversation, losses, quirks).body
    assert not losses.refused
    assert not losses.hints
    assert normal(again) == normal(body)
    back = CODEC.read_request(again)
    back.include_usage = conversation.include_usage
    if back.format is not None and back.format.kind == "schema" and not conversation.format.name:
        conversation.format = msgspec.structs.replace(conversation.format, name="answer")
    assert back == conversation


def normal(body):
    """A request without what is only a manner of writing, and without what the gateway asks for by itself."""
    said = {
        name: value for name, value in body.items() if value is not None and name not in ("stream_options", "usage")
    }
    if not said.get("stream"):
        said.pop("stream", None)
    if said.get("response_format") == {"type": "text"}:
        del said["response_format"]
    if "stop" in said and isinstance(said["stop"], str):
        said["stop"] = [said["stop"]]
    if said.get("tool_choice") == "any":
        said["tool_choice"] = "required"
    if not said.get("tools"):
        said.pop("tools", None)
    if isinstance(said.get("tool_choice"), dict) and "function" not in said["tool_choice"]:
        said["tool_choice"] = {"type": "function", "function": {"name": said["tool_choice"]["name"]}}
    said["tools"] = [normal_tool(tool) for tool in said.get("tools", [])]
    if "json_schema" in said.get("response_format", {}):
        said["response_format"]["json_schema"].setdefault("name", "answer")
    said["messages"] = [normal_message(message) for message in said["messages"]]
    return said


def normal_tool(tool):
    tool = json.loads(json.dumps(tool))
    tool.setdefault("type", "function")
    if tool["type"] == "function" and not tool["function"].get("description"):
        tool["function"].pop("description", None)
    return tool


def normal_message(message):
    said = {name: value for name, value in message.items() if value not in (None, False, [], "") or name == "content"}
    marker = said.pop("cache_control", None)
    if said["role"] == "tool":
        said.pop("name", None)
    said["content"] = normal_content(said.get("content"), marker)
    for name in ("reasoning", "reasoning_content"):
        if name in said:
            said["thoughts"] = said.pop(name)
    calls = []
    for number, call in enumerate(said.pop("tool_calls", [])):
        call = {name: value for name, value in call.items() if name != "index"}
        calls.append(call | {"id": call.get("id", f"call_{number}_{call['function']['name']}")})
    return said | ({"tool_calls": calls} if calls else {}) | ({"tool_call_id": "?"} if said["role"] == "tool" else {})


def normal_content(content, marker):
    if not content:
        return ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else [dict(part) for part in content]
    if marker:
        parts[-1]["cache_control"] = marker
    for part in parts:
        if isinstance(part.get("image_url"), str):
            part["image_url"] = {"url": part["image_url"]}
        if part["type"] == "thinking":
            part["thinking"] = "".join(one["text"] for one in part["thinking"])
    return parts


@pytest.mark.parametrize("exchange", answers(), ids=lambda one: one.id)
def test_a_recorded_answer_is_read_as_it_stands(exchange):
    body = json.loads(exchange.body)
    completion = CODEC.read_answer(body)
    assert (completion.id, completion.model) == (body["id"], body["model"])
    assert completion.created == int(body["created"])
    assert len(completion.candidates) == len(body["choices"])
    for candidate, choice in zip(completion.candidates, body["choices"], strict=True):
        compare(exchange, candidate, choice["message"], plain.calls(choice["message"]))
        assert candidate.index == choice["index"]
        assert candidate.reason == reason(choice.get("finish_reason"), candidate)
        found = [(part.url, part.start) for text in texts(candidate) for part in text.citations]
        cited = [one["url_citation"] for one in choice["message"].get("annotations") or [] if "url_citation" in one]
        assert found == [(one["url"], one["start_index"]) for one in cited]
    if exchange.provider not in APART:
        assert (completion.usage.input_tokens, completion.usage.output_tokens) == plain.tokens(body["usage"])
    for name in ("citations", "search_results", "provider", "x_groq", "prompt_filter_results"):
        assert completion.extras.get(name) == body.get(name)


def reason(word, candidate):
    expected = REASONS[word] if word else None
    used = any(isinstance(part, ToolUse) for part in candidate.parts)
    return "tool_use" if used and expected == "stop" else expected


def texts(candidate):
    return [part for part in candidate.parts if isinstance(part, Text)]


def compare(exchange, candidate, message, calls):
    parts = candidate.parts
    assert "".join(part.text for part in texts(candidate)) == plain.words(message.get("content"), "text")
    assert "".join(part.text for part in parts if isinstance(part, Thinking)) == plain.thoughts(message)
    assert "".join(part.text for part in parts if isinstance(part, Refusing)) == (message.get("refusal") or "")
    assert [(part.name, part.arguments, part.id) for part in parts if isinstance(part, ToolUse)] == calls
    sealed = [unpack(part.signature or part.redacted)[1] for part in parts if isinstance(part, Thinking)]
    expected = plain.proofs(message)
    if google := (message.get("extra_content") or {}).get("google"):
        expected.append(google["thought_signature"])
    assert [one for one in sealed if one] == expected


@pytest.mark.parametrize("exchange", answers(), ids=lambda one: one.id)
def test_a_recorded_answer_written_again_is_the_same_and_of_the_official_form(exchange):
    body = json.loads(exchange.body)
    completion = CODEC.read_answer(body)
    again = CODEC.write_answer(completion, asking())
    ChatCompletion.model_validate_json(official(again), strict=True)
    back = CODEC.read_answer(again)
    for one, other in zip(back.candidates, completion.candidates, strict=True):
        other.reason = other.reason or "stop"
        one.native_reason = other.native_reason
        tail = [part for part in one.parts if isinstance(part, Thinking)]
        assert joined(tail) == joined([part for part in other.parts if isinstance(part, Thinking)])
        one.parts = [part for part in one.parts if not isinstance(part, Thinking)]
        other.parts = [part for part in other.parts if not isinstance(part, Thinking)]
    assert back == named(completion, back)


def official(said):
    """Strictly official but for service tiers and annotations, of which providers have others."""
    plainer = copy.deepcopy({name: value for name, value in said.items() if name != "service_tier"})
    for choice in plainer["choices"]:
        if "message" in choice:
            kept = [one for one in choice["message"].get("annotations", []) if one["type"] == "url_citation"]
            choice["message"] = {**choice["message"], "annotations": kept}
    return json.dumps(plainer)


def joined(thoughts):
    """Thoughts without proofs may come in several chunks, and are one text when they are written."""
    if any(part.signature or part.redacted for part in thoughts):
        return thoughts
    return "".join(part.text for part in thoughts)


@pytest.mark.parametrize("exchange", [one for one in streams() if not broken(one)], ids=lambda one: one.id)
def test_a_recorded_stream_is_read_as_it_stands(exchange):
    chunks = plain.stream(exchange.body)
    completion = together(events_of(exchange.body))
    indexes = sorted({choice["index"] for chunk in chunks for choice in chunk["choices"]})
    assert [candidate.index for candidate in completion.candidates] == indexes
    for candidate in completion.candidates:
        mine = [one for chunk in chunks for one in chunk["choices"] if one["index"] == candidate.index]
        deltas = [one.get("delta") or {} for one in mine]
        message = {
            "content": "".join(plain.words(delta.get("content"), "text") for delta in deltas),
            "reasoning": "".join(plain.thoughts(delta) for delta in deltas),
            "refusal": "".join(delta.get("refusal") or "" for delta in deltas),
            "reasoning_details": [
                {"data": item.get("data"), "signature": item.get("signature")}
                for delta in deltas
                for item in delta.get("reasoning_details") or []
            ],
        }
        compare(exchange, candidate, message, plain.streamed_calls(deltas))
        words = [one.get("finish_reason") for one in mine if one.get("finish_reason")]
        assert candidate.reason == reason(words[-1] if words else "stop", candidate)
        kept = [one["logprobs"]["content"] for one in mine if (one.get("logprobs") or {}).get("content")]
        assert (candidate.logprobs or {}).get("content", []) == [item for some in kept for item in some]
    usages = [chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage") for chunk in chunks]
    last = next((usage for usage in reversed(usages) if usage), None)
    if last is None:
        assert completion.usage is None
    elif exchange.provider not in APART and plain.within(last):
        assert (completion.usage.input_tokens, completion.usage.output_tokens) == plain.tokens(last)


@pytest.mark.parametrize("exchange", streams(), ids=lambda one: one.id)
def test_a_recorded_stream_written_again_tells_the_same_and_is_of_the_official_form(exchange):
    events = events_of(exchange.body)
    body = written(events, asking(include_usage=True))
    for chunk in plain.stream(body):
        if "error" not in chunk:
            ChatCompletionChunk.model_validate_json(official(chunk), strict=True)
    if broken(exchange):
        assert isinstance(events[-1], Failed)
        assert events_of(body)[-1].fault.message == events[-1].fault.message
        return
    assert body.endswith(b"data: [DONE]\n\n")
    before, after = together(events), together(events_of(body))
    for one, other in zip(before.candidates, after.candidates, strict=True):
        assert said(one) == said(other)
        assert one.reason == other.reason
    before.candidates = after.candidates = []
    assert after == named(before, after)


def said(candidate):
    """What a candidate says, whatever the order in which its kinds of parts were interleaved."""
    kinds = (Text, Thinking, Refusing)
    return (
        ["".join(part.text for part in candidate.parts if isinstance(part, kind)) for kind in kinds],
        [part for part in candidate.parts if isinstance(part, ToolUse | Native)],
        sorted(
            unpack(p.signature or p.redacted)
            for p in candidate.parts
            if isinstance(p, Thinking) and (p.signature or p.redacted)
        ),
        candidate.logprobs,
    )
