"""Recorded exchanges in this dialect, and plain ways to compare what was recorded with what we make of it."""

import base64
import json
from functools import cache

from botocore.eventstream import EventStreamBuffer
from msgspec.structs import replace

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.events import Add, Cite, Close, Count, Finish, Open, Sign, Start
from gateway.conversation.parts import Text, ToolUse
from gateway.wire import sse
from tests import corpus

SURFACES = {("anthropic", "messages"), ("anthropic", "count_tokens"), ("vertex", "anthropic-messages")}


def messages(exchange):
    return (exchange.provider, exchange.surface) in SURFACES or (
        exchange.surface == "invoke" and "claude" in exchange.url and "anthropic" in exchange.url
    )


@cache
def exchanges():
    """All but the two of Bedrock's older text completions, which are another dialect."""
    return [one for one in corpus.exchanges() if messages(one) and b'"max_tokens_to_sample"' not in one.request_body]


@cache
def requests():
    return [(one.id, request) for one in exchanges() if isinstance(request := json.loads(one.request_body), dict)]


@cache
def answers():
    """The whole messages."""
    return [
        (one.id, json.loads(one.body))
        for one in exchanges()
        if one.status == 200 and one.body[:1] == b"{" and one.surface != "count_tokens"
    ]


@cache
def streams():
    """Streams as the events a reader gets: a name and a text."""
    return [(one.id, events(one)) for one in exchanges() if one.status == 200 and one.body[:1] != b"{"]


def events(exchange):
    if exchange.provider != "bedrock":
        return [(event.name, event.text) for event in sse.Splitter().feed(exchange.body)]
    buffer = EventStreamBuffer()
    buffer.add_data(exchange.body)
    return [(frame.headers[":event-type"].encode(), frame.payload) for frame in buffer]


def said(name, text):
    """An event's JSON, out of Bedrock's wrapping."""
    given = json.loads(text)
    return json.loads(base64.b64decode(given["bytes"])) if name == b"chunk" else given


def model_of(request):
    """The body with a model, which the caller puts in where the URL has it."""
    return {"model": "claude-sonnet-4-5", **request}


def read_all(reader, given):
    told = []
    for name, text in given:
        told += reader.read(name, text)
    return [*told, *reader.end()]


def written_all(writer, told):
    return b"".join(writer.write(event) for event in told)


class Accumulated:
    """The answer that a stream's events make up; `closed` are the places of the parts that were."""

    def __init__(self):
        self.answer, self.candidate, self.parts, self.closed = Completion(), Candidate(), {}, set()

    def start(self, event):
        self.answer.id, self.answer.model, self.answer.service_tier = event.id, event.model, event.service_tier

    def open(self, event):
        assert event.at == len(self.parts), "parts are numbered in the order in which they begin"
        self.parts[event.at] = (
            replace(event.part, citations=[]) if isinstance(event.part, Text) else replace(event.part)
        )

    def add(self, event):
        assert event.at not in self.closed
        part = self.parts[event.at]
        name = "arguments" if isinstance(part, ToolUse) else "text"
        setattr(part, name, getattr(part, name) + event.text)

    def sign(self, event):
        self.parts[event.at].signature, self.parts[event.at].maker = event.signature, event.maker

    def cite(self, event):
        self.parts[event.at].citations.append(event.citation)

    def close(self, event):
        self.closed.add(event.at)

    def finish(self, event):
        candidate = self.candidate
        candidate.reason, candidate.native_reason = event.reason, event.native_reason
        candidate.stop_sequence = event.stop_sequence

    def count(self, event):
        self.answer.usage, self.answer.service_tier = event.usage, event.service_tier or self.answer.service_tier


KINDS = {Start: "start", Open: "open", Add: "add", Sign: "sign", Cite: "cite", Close: "close", Finish: "finish"}


def accumulated(told):
    """The answer that a stream's events make up, every part of it closed."""
    sum = Accumulated()
    for event in told:
        if name := {**KINDS, Count: "count"}.get(type(event)):
            getattr(sum, name)(event)
    assert sum.closed == set(sum.parts)
    sum.candidate.parts = list(sum.parts.values())
    sum.answer.candidates = [sum.candidate]
    return sum.answer


def comparable(completion):
    """Without what a stream cannot carry, and with arguments as JSON: a model's own spacing stays in a stream."""
    told = replace(completion, extras={})
    for candidate in told.candidates:
        candidate.parts = [
            replace(part, arguments=json.loads(part.arguments or "{}")) if isinstance(part, ToolUse) else part
            for part in candidate.parts
        ]
    return told


def blocks(content):
    """Content as blocks, a plain string being one text, without what says nothing."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    return [block(one) for one in content]


def block(one):
    one = {name: value for name, value in one.items() if value is not None}
    if one["type"] == "tool_result":
        one["content"] = blocks(one.get("content", []))
        if one.get("is_error") is False:
            del one["is_error"]
    if one.get("caller") == {"type": "direct"}:
        del one["caller"]
    return one


def plain(request):
    """A request with one spelling for what may be spelled in two ways."""
    plain = {name: value for name, value in request.items() if value is not None and value != []}
    if plain.get("stream") is False:
        del plain["stream"]
    plain["messages"] = [{**one, "content": blocks(one["content"])} for one in request["messages"]]
    if "system" in plain:
        plain["system"] = blocks(plain["system"])
    if "tools" in plain:
        tools = [{name: v for name, v in tool.items() if v not in (None, "", "custom")} for tool in plain["tools"]]
        plain["tools"] = sorted(tools, key=lambda tool: tool.get("name", ""))
    if older := plain.pop("output_format", None):
        plain["output_config"] = {**plain.get("output_config", {}), "format": older}
    return plain
