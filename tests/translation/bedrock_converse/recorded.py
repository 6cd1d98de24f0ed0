"""Recorded Converse traffic, and a plain reading of its requests: the gateway itself has no client of this dialect."""

import json
from typing import Any
from urllib.parse import unquote

from gateway.conversation.parts import Cache, Media, Native, Part, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Choice, Conversation, Format, Message, Reasoning, Tool
from gateway.translation.bedrock_converse.media import FORMATS
from gateway.wire.aws_event_stream import Decoder
from tests import corpus

NAME = "bedrock_converse"
MIMES = {(kind, form): mime for kind, formats in FORMATS.items() for mime, form in reversed(formats.items())}
PARAMETERS = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p", "stopSequences": "stop"}


def exchanges() -> list[corpus.Exchange]:
    if not (corpus.FOLDER / "dev").is_dir():
        return []
    return [one for one in corpus.exchanges() if one.provider == "bedrock" and one.surface == "converse"]


def frames(exchange: corpus.Exchange) -> list[tuple[bytes, bytes]]:
    """As the gateway hands them to the reader: the frame's type and its payload."""
    found = []
    for frame in Decoder().feed(exchange.body):
        headers = frame.headers()
        name = headers.get(":event-type") or headers.get(":exception-type")
        found.append((str(name).encode(), frame.payload))
    return found


def media(kind: str, block: dict[str, Any]) -> Media:
    source = block["source"]
    return Media(
        kind,
        MIMES.get((kind, block["format"]), block["format"]),
        data=source.get("bytes", ""),
        text=source.get("text", ""),
        name=block.get("name", ""),
        cite=block.get("citations", {}).get("enabled", False),
    )


def part(block: dict[str, Any]) -> Part:
    ((name, value),) = block.items()
    if name == "text":
        return Text(value)
    if name in ("image", "document", "video"):
        return media(name, value)
    if name == "toolUse" and "type" not in value:
        return ToolUse(value["toolUseId"], value["name"], json.dumps(value["input"]))
    if name == "toolResult":
        told = [part(one) for one in value["content"]]
        return ToolResult(value["toolUseId"], told, error=value.get("status") == "error")
    if name == "reasoningContent" and "reasoningText" in value:
        said = value["reasoningText"]
        return Thinking(said["text"], said.get("signature", ""), maker=NAME)
    return Native(NAME, name, block)


def parts(blocks: list[dict[str, Any]]) -> list[Part]:
    """A cache point becomes the mark of the part before it."""
    found: list[Part] = []
    for block in blocks:
        if "cachePoint" in block:
            found[-1].cache = Cache(block["cachePoint"].get("ttl", ""))  # type: ignore[union-attr]
        else:
            found.append(part(block))
    return found


def conversation(exchange: corpus.Exchange) -> Conversation:
    body = json.loads(exchange.request_body)
    rest = {key: value for key, value in body.items() if key not in ("messages", "system", "inferenceConfig")}
    system = [Message("system", parts(body["system"]))] if body.get("system") else []
    inference = body.get("inferenceConfig", {})
    read = Conversation(
        NAME,
        unquote(exchange.url.split("/model/")[1].split("/")[0]),
        system + [Message(one["role"], parts(one["content"])) for one in body["messages"]],
        stream=exchange.url.endswith("-stream"),
        parameters={PARAMETERS[key]: value for key, value in inference.items() if value != []},
    )
    tools = rest.pop("toolConfig", {})
    for tool in tools.get("tools", ()):
        if "toolSpec" in tool:
            spec = tool["toolSpec"]
            read.tools.append(Tool(spec["name"], spec.get("description", ""), spec["inputSchema"]["json"]))
        else:
            read.native_tools.append(Native(NAME, "systemTool", tool))
    if "toolChoice" in tools:
        ((mode, value),) = tools["toolChoice"].items()
        read.choice = Choice({"auto": "auto", "any": "required", "tool": "named"}[mode], value.get("name", ""))
    read.format = form(rest.pop("outputConfig", {}))
    fields = rest.pop("additionalModelRequestFields", {})
    think(read, fields)
    read.extras = rest | ({"additionalModelRequestFields": fields} if fields else {})
    return read


def form(config: dict[str, Any]) -> Format | None:
    if "textFormat" not in config:
        return None
    asked = config["textFormat"]["structure"]["jsonSchema"]
    return Format("schema", json.loads(asked["schema"]), asked.get("name", ""), asked.get("description", ""))


def think(read: Conversation, fields: dict[str, Any]) -> None:
    """Move what has a neutral name out of the model's own fields."""
    if "top_k" in fields:
        read.parameters["top_k"] = fields.pop("top_k")
    if "topK" in fields.get("inferenceConfig", {}):
        read.parameters["top_k"] = fields.pop("inferenceConfig")["topK"]
    if "reasoning_effort" in fields:
        read.reasoning = Reasoning(fields.pop("reasoning_effort"))
    if "budget_tokens" in fields.get("thinking", {}):
        read.reasoning = Reasoning(budget=fields.pop("thinking")["budget_tokens"])


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """A body without what says nothing: empty objects, the default status, and the spelling of a schema."""
    kept = {key: value for key, value in body.items() if value not in ({}, [])}
    if "inferenceConfig" in kept:
        kept["inferenceConfig"] = {key: value for key, value in kept["inferenceConfig"].items() if value != []}
    messages: list[dict[str, Any]] = []
    for message in kept["messages"]:
        blocks = [settled(block) for block in message["content"]]
        if messages and messages[-1]["role"] == message["role"]:
            messages[-1]["content"] += blocks
        else:
            messages.append({"role": message["role"], "content": blocks})
    kept["messages"] = messages
    if "textFormat" in kept.get("outputConfig", {}):
        kept["outputConfig"] = form(kept["outputConfig"])
    kept.pop("additionalModelResponseFieldPaths", None)
    return kept


def settled(block: dict[str, Any]) -> dict[str, Any]:
    """A block whose result did not fail, without saying so; and with a format that Bedrock documents."""
    if block.get("toolResult", {}).get("status") == "success":
        return {"toolResult": {key: value for key, value in block["toolResult"].items() if key != "status"}}
    if block.get("video", {}).get("format") == "video/mp4":
        return {"video": {**block["video"], "format": "mp4"}}
    return block
