"""The parts that messages are made of, and safe ways into JSON that may hold anything anywhere."""

from typing import Any, Final

import msgspec

Json = dict[str, Any]

DEEPEST: Final = 32
"""Levels kept of arguments and schemas."""

REASONS: Final = {
    "tool_calls": "tool_call",
    "tool_use": "tool_call",
    "function_call": "tool_call",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "completed": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "incomplete": "length",
    "refusal": "content_filter",
    "safety": "content_filter",
    "prohibited_content": "content_filter",
    "blocklist": "content_filter",
    "recitation": "content_filter",
    "failed": "error",
}
"""Providers' words as the convention's; others stay as they are, in lower case."""


def mapping(value: object) -> Json:
    """`value`, or nothing where it is no object."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """`value`, or nothing where it is no array."""
    return value if isinstance(value, list) else []


def objects(value: object) -> list[Json]:
    """The objects in an array."""
    return [item for item in items(value) if isinstance(item, dict)]


def string(value: object) -> str:
    """`value`, or nothing where it is no string."""
    return value if isinstance(value, str) else ""


def finish(reason: object) -> str:
    """A finish reason in the convention's words; `error` where an answer never came to its end."""
    written = string(reason).lower()
    return REASONS.get(written, written) or "error"


def said(role: str, parts: list[Json], name: str = "") -> Json:
    """An input message."""
    return {"role": role, "parts": parts, **({"name": name} if name else {})}


def answered(parts: list[Json], reason: object) -> Json:
    """An output message. Phoenix drops those without a finish reason."""
    return {"role": "assistant", "parts": parts, "finish_reason": finish(reason)}


def text(content: object) -> list[Json]:
    """A text part, or none for an empty text."""
    return [{"type": "text", "content": content}] if isinstance(content, str) and content else []


def reasoning(content: object) -> list[Json]:
    """A reasoning part, or none."""
    return [{"type": "reasoning", "content": content}] if isinstance(content, str) and content else []


def tool_call(name: object, call_id: object, arguments: object) -> Json:
    """A call of a tool; arguments that are JSON in a string are shown as what they mean."""
    made: Json = {"type": "tool_call", "name": string(name)}
    if isinstance(call_id, str) and call_id:
        made["id"] = call_id
    if arguments not in (None, ""):
        made["arguments"] = parsed(arguments)
    return made


def tool_result(call_id: object, response: object) -> Json:
    """What a tool gave back."""
    made: Json = {"type": "tool_call_response", "response": response}
    if isinstance(call_id, str) and call_id:
        made["id"] = call_id
    return made


def tool(name: object, description: object, parameters: object) -> Json:
    """The definition of a tool."""
    made: Json = {"type": "function", "name": string(name)}
    if isinstance(description, str) and description:
        made["description"] = description
    if isinstance(parameters, dict):
        made["parameters"] = parameters
    return made


def blob(modality: str, mime_type: object, encoded: object) -> Json:
    """Inline media without its bytes, which have no business on a span; their length in base64 is kept."""
    return {
        "type": "blob",
        "modality": modality,
        "mime_type": string(mime_type) or None,
        "content": "",
        "size": len(string(encoded)),
    }


def media(modality: str, url: object) -> Json:
    """Media behind a URL, or within a data: URL."""
    written = string(url)
    if written.startswith("data:"):
        head, _, encoded = written[5:].partition(",")
        return blob(modality, head.partition(";")[0], encoded)
    return {"type": "uri", "modality": modality, "uri": written.partition("?")[0]}


def parsed(value: object) -> object:
    """JSON in a string as what it means; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return shallow(msgspec.json.decode(value))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return value


def shallow(value: object, depth: int = DEEPEST) -> object:
    """`value` without what lies deeper than `depth`."""
    if isinstance(value, dict):
        return {key: shallow(inner, depth - 1) for key, inner in value.items()} if depth else {}
    if isinstance(value, list):
        return [shallow(inner, depth - 1) for inner in value] if depth else []
    return value
