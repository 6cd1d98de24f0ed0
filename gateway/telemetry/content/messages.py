"""Content of the Messages form."""

from collections.abc import Iterable
from typing import Any

from gateway.telemetry.content import parts
from gateway.telemetry.content.parts import Json

DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
BLOCKS = 512


def asked(body: Json) -> Json:
    """The request's attributes; the system prompt stands apart in this form."""
    system = body.get("system")
    return {
        "input.messages": [message(item) for item in parts.objects(body.get("messages"))],
        "system_instructions": parts.text(system)
        or [one for block in parts.objects(system) for one in parts.text(block.get("text"))],
        "tool.definitions": [
            parts.tool(tool.get("name"), tool.get("description"), tool.get("input_schema"))
            for tool in parts.objects(body.get("tools"))
        ],
    }


def message(item: Json) -> Json:
    """One turn; a user's turn that only brings tool results is the tool's."""
    written = item.get("content")
    made = parts.text(written) or [one for block in parts.objects(written) for one in part(block)]
    results = bool(made) and all(one["type"] == "tool_call_response" for one in made)
    return parts.said("tool" if results else parts.string(item.get("role")) or "user", made)


def part(block: Json) -> list[Json]:
    """One content block."""
    kind = parts.string(block.get("type"))
    if kind == "text":
        return parts.text(block.get("text"))
    if kind == "thinking":
        return parts.reasoning(block.get("thinking"))
    if kind == "tool_use":
        return [parts.tool_call(block.get("name"), block.get("id"), block.get("input"))]
    if kind == "tool_result":
        return [parts.tool_result(block.get("tool_use_id"), result(block.get("content")))]
    if kind in ("image", "document"):
        return [source(kind, parts.mapping(block.get("source")))]
    if kind == "server_tool_use":
        return [{**parts.tool_call(block.get("name"), block.get("id"), block.get("input")), "type": "server_tool_call"}]
    return [{"type": kind or "unknown"}]


def source(modality: str, written: Json) -> Json:
    """An image or document."""
    if written.get("type") == "url":
        return parts.media(modality, written.get("url"))
    if written.get("type") == "file":
        return {"type": "file", "modality": modality, "file_id": parts.string(written.get("file_id"))}
    return parts.blob(modality, written.get("media_type"), written.get("data"))


def result(written: object) -> object:
    """A tool's result: its texts joined, media left out."""
    if isinstance(written, list):
        return "".join(parts.string(block.get("text")) for block in parts.objects(written))
    return written


def answered(body: Json) -> list[Json]:
    """The one message of a whole answer."""
    made = [one for block in parts.objects(body.get("content")) for one in part(block)]
    return [parts.answered(made, body.get("stop_reason") or "stop")] if "content" in body else []


def streamed(events: Iterable[Json]) -> list[Json]:
    """The one message of a stream."""
    blocks: dict[Any, tuple[Json, list[str]]] = {}
    reason: object = None
    for event in events:
        index = event.get("index")
        match event.get("type"):
            case "content_block_start" if isinstance(index, int) and len(blocks) < BLOCKS:
                blocks[index] = dict(parts.mapping(event.get("content_block"))), []
            case "content_block_delta" if isinstance(index, int) and index in blocks:
                delta = parts.mapping(event.get("delta"))
                blocks[index][1].append(parts.string(delta.get(DELTAS.get(parts.string(delta.get("type")), ""))))
            case "message_delta":
                reason = parts.mapping(event.get("delta")).get("stop_reason") or reason
    made = [one for block, pieces in blocks.values() for one in part(joined(block, "".join(pieces)))]
    return [parts.answered(made, reason)] if blocks else []


def joined(block: Json, added: str) -> Json:
    """A block with what its deltas added."""
    kind = block.get("type")
    if kind in ("text", "thinking"):
        block[kind] = parts.string(block.get(kind)) + added
    elif added:
        block["input"] = parts.parsed(added)
    return block
