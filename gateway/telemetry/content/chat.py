"""Content of the chat completions form, and of plain completions and embeddings beside it."""

from collections.abc import Iterable
from typing import Any

from gateway.telemetry.content import parts
from gateway.telemetry.content.parts import Json

MODALITIES = {"image_url": "image", "video_url": "video"}


def asked(body: Json) -> Json:
    """The request's attributes."""
    definitions = [
        parts.tool(function.get("name"), function.get("description"), function.get("parameters"))
        for tool in parts.objects(body.get("tools"))
        if (function := parts.mapping(tool.get("function")))
    ]
    return {
        "input.messages": [message(item) for item in parts.objects(body.get("messages"))],
        "tool.definitions": definitions,
    }


def message(item: Json) -> Json:
    """One message of the conversation so far."""
    role = parts.string(item.get("role")) or "user"
    if role == "tool":
        return parts.said(role, [parts.tool_result(item.get("tool_call_id"), plain(item.get("content")))])
    return parts.said(role, content(item), parts.string(item.get("name")))


def plain(written: object) -> object:
    """A tool's result: its text parts joined, or as it is."""
    texts = [piece.get("text") for piece in parts.objects(written)]
    return "".join(map(parts.string, texts)) if texts else written


def content(item: Json) -> list[Json]:
    """A message's parts: reasoning first, as it came first."""
    written = item.get("content")
    made = parts.reasoning(item.get("reasoning_content") or item.get("reasoning"))
    made += parts.text(written or item.get("refusal"))
    for piece in parts.objects(written):
        made += part(piece)
    return made + [called(call) for call in parts.objects(item.get("tool_calls"))]


def part(piece: Json) -> list[Json]:
    """One element of a content array."""
    kind = parts.string(piece.get("type"))
    if kind in ("text", "refusal"):
        return parts.text(piece.get(kind))
    if kind in MODALITIES:
        link = piece.get(kind)
        return [parts.media(MODALITIES[kind], parts.mapping(link).get("url") if isinstance(link, dict) else link)]
    if kind == "input_audio":
        audio = parts.mapping(piece.get(kind))
        return [parts.blob("audio", f"audio/{parts.string(audio.get('format')) or 'wav'}", audio.get("data"))]
    if kind == "file":
        file = parts.mapping(piece.get(kind))
        return [{"type": "file", "modality": "document", "file_id": parts.string(file.get("file_id"))}]
    return [{"type": kind or "unknown"}]


def called(call: Json) -> Json:
    """A tool call within a message."""
    function = parts.mapping(call.get("function"))
    return parts.tool_call(function.get("name"), call.get("id"), function.get("arguments"))


def answered(body: Json) -> list[Json]:
    """The choices of a whole answer."""
    return [
        parts.answered(content(parts.mapping(choice.get("message"))), choice.get("finish_reason") or "stop")
        for choice in parts.objects(body.get("choices"))
    ]


def streamed(events: Iterable[Json]) -> list[Json]:
    """The choices of a stream."""
    choices: dict[Any, Json] = {}
    for event in events:
        for choice in parts.objects(event.get("choices")):
            index = choice.get("index")
            if isinstance(index, int) and index < 128:
                merge(choices.setdefault(index, {"content": [], "reasoning": [], "calls": {}}), choice)
    return [
        parts.answered(
            parts.reasoning("".join(choice["reasoning"]))
            + parts.text("".join(choice["content"]))
            + [
                parts.tool_call(call["name"], call["id"], "".join(call["arguments"]))
                for call in choice["calls"].values()
            ],
            choice.get("reason"),
        )
        for choice in choices.values()
    ]


def merge(into: Json, choice: Json) -> None:
    """Add a chunk's delta to what its choice holds so far."""
    delta = parts.mapping(choice.get("delta"))
    into["content"].append(parts.string(delta.get("content") or delta.get("refusal")))
    into["reasoning"].append(parts.string(delta.get("reasoning_content") or delta.get("reasoning")))
    into["reason"] = choice.get("finish_reason") or into.get("reason")
    for call in parts.objects(delta.get("tool_calls")):
        function = parts.mapping(call.get("function"))
        index = call.get("index") if isinstance(call.get("index"), int) else len(into["calls"])
        known = into["calls"].setdefault(index, {"name": "", "id": "", "arguments": []})
        known["name"] = known["name"] or parts.string(function.get("name"))
        known["id"] = known["id"] or parts.string(call.get("id"))
        known["arguments"].append(parts.string(function.get("arguments")))


def prompted(body: Json) -> Json:
    """A plain completion's prompt, as what a user said."""
    prompt = body.get("prompt")
    texts = [prompt] if isinstance(prompt, str) else [one for one in parts.items(prompt) if isinstance(one, str)]
    return {"input.messages": [parts.said("user", parts.text(one)) for one in texts]}


def completed(body: Json) -> list[Json]:
    """The texts of a whole plain completion."""
    return [
        parts.answered(parts.text(choice.get("text")), choice.get("finish_reason") or "stop")
        for choice in parts.objects(body.get("choices"))
    ]


def completing(events: Iterable[Json]) -> list[Json]:
    """The text of a streamed plain completion, all choices' pieces in the order of their numbers."""
    texts: dict[Any, list[str]] = {}
    reasons: dict[Any, object] = {}
    for event in events:
        for choice in parts.objects(event.get("choices")):
            index = choice.get("index")
            if isinstance(index, int) and index < 128:
                texts.setdefault(index, []).append(parts.string(choice.get("text")))
                reasons[index] = choice.get("finish_reason") or reasons.get(index)
    return [parts.answered(parts.text("".join(pieces)), reasons[index]) for index, pieces in texts.items()]
