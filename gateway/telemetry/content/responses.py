"""Content of the Responses form."""

from collections.abc import Iterable

from gateway.telemetry.content import parts
from gateway.telemetry.content.parts import Json

ENDED = ("response.completed", "response.incomplete", "response.failed")


def asked(body: Json) -> Json:
    """The request's attributes."""
    written = body.get("input")
    messages = [parts.said("user", parts.text(written))] if isinstance(written, str) else []
    messages += [made for item in parts.objects(written) if (made := message(item))]
    definitions = [
        parts.tool(tool.get("name"), tool.get("description"), tool.get("parameters"))
        if tool.get("type") == "function"
        else {"type": parts.string(tool.get("type")), "name": parts.string(tool.get("name") or tool.get("type"))}
        for tool in parts.objects(body.get("tools"))
    ]
    return {
        "input.messages": messages,
        "system_instructions": parts.text(body.get("instructions")),
        "tool.definitions": definitions,
    }


def message(item: Json) -> Json | None:
    """One input item as a message."""
    kind = item.get("type") or "message"
    if kind == "message":
        written = item.get("content")
        made = parts.text(written) or [one for piece in parts.objects(written) for one in part(piece)]
        return parts.said(parts.string(item.get("role")) or "user", made)
    if kind == "function_call_output":
        return parts.said("tool", [parts.tool_result(item.get("call_id"), item.get("output"))])
    made = produced(item)
    return parts.said("assistant", made) if made else None


def part(piece: Json) -> list[Json]:
    """One element of a content array."""
    kind = parts.string(piece.get("type"))
    if kind in ("input_text", "output_text", "text"):
        return parts.text(piece.get("text"))
    if kind == "refusal":
        return parts.text(piece.get("refusal"))
    if kind == "input_image":
        return [parts.media("image", piece.get("image_url"))]
    if kind == "input_file":
        return [{"type": "file", "modality": "document", "file_id": parts.string(piece.get("file_id"))}]
    return [{"type": kind or "unknown"}]


def produced(item: Json) -> list[Json]:
    """The parts of one output item."""
    kind = parts.string(item.get("type"))
    if kind == "message":
        return [one for piece in parts.objects(item.get("content")) for one in part(piece)]
    if kind == "reasoning":
        pieces = parts.objects(item.get("summary")) + parts.objects(item.get("content"))
        return [one for piece in pieces for one in parts.reasoning(piece.get("text"))]
    if kind == "function_call":
        return [parts.tool_call(item.get("name"), item.get("call_id"), item.get("arguments"))]
    if kind.endswith("_call"):
        return [{"type": "server_tool_call", "name": kind, "id": parts.string(item.get("id"))}]
    return []


def answered(body: Json) -> list[Json]:
    """The output of a whole answer: one message of all its items."""
    made = [one for item in parts.objects(body.get("output")) for one in produced(item)]
    details = parts.mapping(body.get("incomplete_details"))
    reason = details.get("reason") or body.get("status")
    if reason == "completed" and any(one["type"] == "tool_call" for one in made):
        reason = "tool_call"
    return [parts.answered(made, reason)] if made or body.get("output") is not None else []


def streamed(events: Iterable[Json]) -> list[Json]:
    """The output of a stream: the closing event repeats it whole; without one, what its finished items hold."""
    finished: list[Json] = []
    pieces: list[str] = []
    for event in events:
        kind = event.get("type")
        if kind in ENDED:
            return answered(parts.mapping(event.get("response")))
        if kind == "response.output_item.done":
            finished.append(parts.mapping(event.get("item")))
            pieces = []
        elif kind == "response.output_text.delta":
            pieces.append(parts.string(event.get("delta")))
    made = [one for item in finished for one in produced(item)] + parts.text("".join(pieces))
    return [parts.answered(made, "error")] if made else []
