"""Content of the generateContent form."""

from collections.abc import Iterable
from typing import Any

from gateway.telemetry.content import parts
from gateway.telemetry.content.parts import Json

ROLES = {"model": "assistant", "function": "tool"}


def asked(body: Json) -> Json:
    """The request's attributes; both spellings of its keys are in use."""
    instructions = parts.mapping(body.get("systemInstruction") or body.get("system_instruction"))
    declared = [
        function
        for tool in parts.objects(body.get("tools"))
        for function in parts.objects(tool.get("functionDeclarations") or tool.get("function_declarations"))
    ]
    return {
        "input.messages": [message(item) for item in parts.objects(body.get("contents"))],
        "system_instructions": content(instructions),
        "tool.definitions": [
            parts.tool(
                function.get("name"),
                function.get("description"),
                function.get("parameters") or function.get("parametersJsonSchema"),
            )
            for function in declared
        ],
    }


def message(item: Json) -> Json:
    """One turn; one that only brings function results is the tool's."""
    made = content(item)
    if made and all(one["type"] == "tool_call_response" for one in made):
        return parts.said("tool", made)
    role = parts.string(item.get("role")) or "user"
    return parts.said(ROLES.get(role, role), made)


def content(item: Json) -> list[Json]:
    """The parts of a Content object."""
    return [one for piece in parts.objects(item.get("parts")) for one in part(piece)]


def part(piece: Json) -> list[Json]:
    """One Part."""
    if isinstance(piece.get("text"), str):
        return parts.reasoning(piece["text"]) if piece.get("thought") is True else parts.text(piece["text"])
    if call := parts.mapping(piece.get("functionCall") or piece.get("function_call")):
        return [parts.tool_call(call.get("name"), call.get("id"), call.get("args"))]
    if result := parts.mapping(piece.get("functionResponse") or piece.get("function_response")):
        return [parts.tool_result(result.get("id") or result.get("name"), result.get("response"))]
    if inline := parts.mapping(piece.get("inlineData") or piece.get("inline_data")):
        mime_type = parts.string(inline.get("mimeType") or inline.get("mime_type"))
        return [parts.blob(mime_type.partition("/")[0] or "unknown", mime_type, inline.get("data"))]
    if file := parts.mapping(piece.get("fileData") or piece.get("file_data")):
        return [parts.media("document", file.get("fileUri") or file.get("file_uri"))]
    return [{"type": name} for name in piece if name != "thoughtSignature"][:1]


def answered(body: Json) -> list[Json]:
    """The candidates of a whole answer."""
    return streamed([body])


def streamed(events: Iterable[Json]) -> list[Json]:
    """The candidates of a stream: every event holds more parts of them."""
    found: dict[Any, tuple[list[Json], list[object]]] = {}
    for event in events:
        for candidate in parts.objects(event.get("candidates")):
            index = candidate.get("index", 0)
            if isinstance(index, int) and index < 128:
                made, reasons = found.setdefault(index, ([], []))
                for one in content(parts.mapping(candidate.get("content"))):
                    extend(made, one)
                reasons += [candidate["finishReason"]] if candidate.get("finishReason") else []
    return [
        parts.answered(
            flat := [joined(one) for one in made],
            "tool_call" if any(one["type"] == "tool_call" for one in flat) else reasons[-1] if reasons else "",
        )
        for made, reasons in found.values()
    ]


def extend(made: list[Json], one: Json) -> None:
    """Append a part; text after text of the same kind becomes one, in pieces until the end."""
    if one["type"] not in ("text", "reasoning"):
        made.append(one)
    elif made and made[-1]["type"] == one["type"]:
        made[-1]["content"].append(one["content"])
    else:
        made.append({"type": one["type"], "content": [one["content"]]})


def joined(one: Json) -> Json:
    """A part whose text is whole."""
    pieces = one.get("content")
    return {**one, "content": "".join(pieces)} if isinstance(pieces, list) else one
