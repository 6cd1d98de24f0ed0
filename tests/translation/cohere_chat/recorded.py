"""Recorded v2 chats, and a plain reading of their requests: the gateway itself has no client of this dialect."""

import json
from typing import Any

from gateway.conversation.parts import Media, Native, Part, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Choice, Conversation, Format, Message, Reasoning, Tool
from gateway.wire.sse import Splitter
from tests import corpus

NAME = "cohere_chat"
PARAMETERS = {"temperature": "temperature", "stop_sequences": "stop"}
READ = {"model", "messages", "stream", "tools", "tool_choice", "documents", "response_format", "thinking", *PARAMETERS}


def exchanges() -> list[corpus.Exchange]:
    if not (corpus.FOLDER / "dev").is_dir():
        return []
    return [one for one in corpus.exchanges() if one.provider == "cohere" and one.surface == "v2-chat"]


def events(exchange: corpus.Exchange) -> list[tuple[bytes, bytes]]:
    """As the gateway hands them to the reader."""
    return [(event.name, event.text) for event in Splitter().feed(exchange.body)]


def part(block: dict[str, Any]) -> Part:
    if block["type"] == "text":
        return Text(block["text"])
    if block["type"] == "thinking":
        return Thinking(block["thinking"])
    if block["type"] == "image_url":
        url = block["image_url"]["url"]
        detail = block["image_url"].get("detail", "")
        if not url.startswith("data:"):
            return Media("image", url=url, detail=detail)
        mime, _, data = url.removeprefix("data:").partition(";base64,")
        return Media("image", mime, data, detail=detail)
    return Native(NAME, block["type"], block)


def parts(content: Any) -> list[Part]:
    if content is None:
        return []
    return [Text(content)] if isinstance(content, str) else [part(block) for block in content]


def message(given: dict[str, Any]) -> Message:
    if given["role"] == "tool":
        return Message("tool", [ToolResult(given["tool_call_id"], parts(given["content"]))])
    plan = [Thinking(given["tool_plan"])] if given.get("tool_plan") else []
    calls = [
        ToolUse(call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in given.get("tool_calls", ())
    ]
    return Message(given["role"], [*plan, *parts(given.get("content")), *calls])


def conversation(exchange: corpus.Exchange) -> Conversation:
    body = json.loads(exchange.request_body)
    read = Conversation(
        NAME,
        body["model"],
        [message(one) for one in body["messages"]],
        stream=body.get("stream", False),
        parameters={PARAMETERS[key]: body[key] for key in PARAMETERS if key in body},
        extras={key: value for key, value in body.items() if key not in READ},
    )
    for tool in body.get("tools", ()):
        function = tool["function"]
        read.tools.append(Tool(function["name"], function.get("description", ""), function["parameters"]))
    if "tool_choice" in body:
        read.choice = Choice(body["tool_choice"].lower())
    for document in body.get("documents", ()):
        data = document["data"]
        read.messages[0].parts.append(Media("document", text=data["text"], name=data["title"]))
    if "response_format" in body:
        schema = body["response_format"].get("json_schema")
        read.format = Format("schema" if schema else "json", schema)
    if "thinking" in body:
        read.reasoning = Reasoning(budget=-1 if body["thinking"]["type"] == "enabled" else 0)
    return read


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """A body without what says nothing, and with content always as blocks."""
    messages = []
    for given in body["messages"]:
        kept = {key: value for key, value in given.items() if value not in (None, "", [])}
        content = kept.pop("content", [])
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        messages.append({**kept, "content": [block for block in blocks if block.get("text") != ""]})
    return {"stream": False, **body, "messages": messages}
