"""What a recorded answer says, read as plainly as can be: every document of it, one after another."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.call import Usage
from tests.corpus import Exchange
from tests.dialects import independent
from tests.translation.openai_chat import plain

Call = tuple[str, str, str]
"""A tool call: its id (empty where the provider gave none), its name, its arguments as text."""


@dataclass
class Voice:
    """One of the answers, and why it ended: in the provider's word, and in a neutral one."""

    text: str = ""
    refusal: str = ""
    thinking: str = ""
    calls: list[Call] = field(default_factory=list)
    word: str = ""
    reason: str = ""


@dataclass
class Told:
    """All of an answer, or of an error; `status` is the one that it names where it came in mid-stream, else HTTP's."""

    voices: list[Voice] = field(default_factory=list)
    usage: Usage | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
    begun: bool = False
    """Whether the error came after a status of 200."""
    status: int = 200
    message: str = ""
    detail: str = ""
    """The message with what OpenRouter was told by the provider behind it."""

    @property
    def first(self) -> Voice:
        return self.voices[0]


REASONS = {
    "stop": ("stop", "end_turn", "COMPLETE", "STOP", "completed", "complete", "1"),
    "stop_sequence": ("stop_sequence", "STOP_SEQUENCE"),
    "length": ("length", "max_tokens", "MAX_TOKENS", "max_output_tokens"),
    "tool_use": ("tool_calls", "tool_use", "TOOL_CALL"),
    "content_filter": ("content_filter", "guardrail_intervened", "SAFETY"),
    "pause": ("pause_turn",),
}


def reason(word: str, calls: list[Call]) -> str:
    """The neutral word; an answer that calls tools ended for that, though many only say that it stopped."""
    (found,) = [name for name, words in REASONS.items() if word in words] or [""]
    return "tool_use" if found == "stop" and calls else found


def fault(document: dict[str, Any]) -> Told:
    """An error, wherever a provider puts its words, and the status that it names."""
    error = document.get("error", document)
    if isinstance(error, str):
        return Told(failed=True, message=error)
    code, words = error.get("status_code") or error.get("code"), error.get("message") or ""
    raw = (error.get("metadata") or {}).get("raw")
    detail = f"{words}: {raw}" if raw else ""
    return Told(failed=True, status=code if isinstance(code, int) else 0, message=words, detail=detail)


def chat(documents: list[Any]) -> list[Voice]:
    voices: dict[int, Voice] = {}
    deltas: dict[int, list[Any]] = {}
    for document in documents:
        for choice in document.get("choices") or []:
            voice = voices.setdefault(choice["index"], Voice())
            said = choice.get("message") or choice.get("delta") or {}
            voice.text += plain.words(said.get("content"), "text")
            voice.refusal += said.get("refusal") or ""
            voice.thinking += plain.thoughts(said)
            voice.word = choice.get("finish_reason") or voice.word
            if "message" in choice:
                voice.calls = [(call[2], call[0], call[1]) for call in plain.calls(said)]
            deltas.setdefault(choice["index"], []).append(choice.get("delta") or {})
    for index, found in deltas.items():
        voices[index].calls += [(call[2], call[0], call[1]) for call in plain.streamed_calls(found)]
    return [voices[index] for index in sorted(voices)]


def responses(documents: list[Any]) -> list[Voice]:
    response = documents[-1].get("response", documents[-1])
    voice = Voice(word=(response.get("incomplete_details") or {}).get("reason") or response["status"])
    for item in response["output"]:
        if item["type"] == "message":
            voice.text += "".join(one.get("text", "") for one in item["content"])
            voice.refusal += "".join(one.get("refusal", "") for one in item["content"])
        elif item["type"] == "reasoning":
            voice.thinking += "\n\n".join(one["text"] for one in item.get("content") or item["summary"])
        elif item["type"] == "function_call":
            voice.calls.append((item["call_id"], item["name"], item["arguments"]))
    return [voice]


def messages(documents: list[Any]) -> list[Voice]:
    voice, blocks = Voice(), {}
    for document in documents:
        for at, block in enumerate(document.get("content") or []):
            blocks[at] = {**block, "input": json.dumps(block.get("input"))}
        if document.get("type") == "content_block_start":
            blocks[document["index"]] = {**document["content_block"], "input": ""}
        if document.get("type") == "content_block_delta":
            block, delta = blocks[document["index"]], document["delta"]
            for name in ("text", "thinking"):
                block[name] = (block.get(name) or "") + (delta.get(name) or "")
            block["input"] += delta.get("partial_json") or ""
        voice.word = document.get("stop_reason") or (document.get("delta") or {}).get("stop_reason") or voice.word
    for block in blocks.values():
        voice.text += (block.get("text") or "") if block["type"] == "text" else ""
        voice.thinking += (block.get("thinking") or "") if block["type"] == "thinking" else ""
        if block["type"] == "tool_use":
            voice.calls.append((block["id"], block["name"], block["input"]))
    return [voice]


def generate(documents: list[Any]) -> list[Voice]:
    voices: dict[int, Voice] = {}
    for document in documents:
        for candidate in document.get("candidates") or []:
            voice = voices.setdefault(candidate.get("index", 0), Voice())
            voice.word = str(candidate.get("finishReason") or voice.word)
            for part in candidate.get("content", {}).get("parts", ()):
                if "functionCall" in part:
                    call = part["functionCall"]
                    voice.calls.append((call.get("id", ""), call["name"], json.dumps(call.get("args") or {})))
                elif part.get("thought"):
                    voice.thinking += part.get("text", "")
                else:
                    voice.text += part.get("text", "")
    return [voices[index] for index in sorted(voices)]


def converse(documents: list[Any]) -> list[Voice]:
    voice, calls = Voice(), {}
    for document in documents:
        at = document.get("contentBlockIndex")
        blocks = document.get("output", {}).get("message", {}).get("content", ())
        for block in [*blocks, document.get("delta") or {}, document.get("start") or {}]:
            thought = block.get("reasoningContent", {})
            voice.text += block.get("text", "")
            voice.text += "".join(one["text"] for one in block.get("citationsContent", {}).get("content", ()))
            voice.thinking += thought.get("text", "") + thought.get("reasoningText", {}).get("text", "")
            use = block.get("toolUse", {})
            if "toolUseId" in use and use.get("type") != "server_tool_use":
                given = json.dumps(use["input"]) if "input" in use else ""
                calls[len(calls) if at is None else at] = [use["toolUseId"], use["name"], given]
            elif "input" in use and at in calls:
                calls[at][2] += use["input"]
        voice.word = document.get("stopReason") or voice.word
    voice.calls = [(id, name, given) for id, name, given in calls.values()]
    return [voice]


def cohere(documents: list[Any]) -> list[Voice]:
    voice, calls = Voice(), []
    for document in documents:
        said = (document.get("delta") or {}).get("message") or document.get("message") or {}
        content = said.get("content") or []
        for block in content if isinstance(content, list) else [content]:
            voice.text += block.get("text") or ""
            voice.thinking += block.get("thinking") or ""
        voice.thinking += said.get("tool_plan") or ""
        given = said.get("tool_calls") or []
        for call in given if isinstance(given, list) else [given]:
            function = call.get("function", {})
            if "id" in call:
                calls.append([call["id"], function["name"], function.get("arguments") or ""])
            else:
                calls[-1][2] += function.get("arguments") or ""
        found = document.get("finish_reason") or (document.get("delta") or {}).get("finish_reason")
        voice.word = found or voice.word
    voice.calls = [(id, name, given) for id, name, given in calls]
    return [voice]


WALKS: dict[str, Callable[[list[Any]], list[Voice]]] = {
    "openai_chat": chat,
    "openai_responses": responses,
    "anthropic_messages": messages,
    "gemini_generate": generate,
    "bedrock_converse": converse,
    "cohere_chat": cohere,
}
COUNTS = ("message.usage", "usage", "response.usage", "usageMetadata", "delta.usage")


def told(exchange: Exchange, dialect: str) -> Told:
    """The whole of what an exchange's answer says."""
    found = [one for one in independent.documents(exchange.body) if isinstance(one, dict)]
    if exchange.status >= 400:
        return replace(fault(found[0]), status=exchange.status)
    broken = [at for at, one in enumerate(found) if one.get("error") and "output" not in one]
    said = replace(fault(found[broken[0]]), begun=True) if broken else Told()
    said.voices = WALKS[dialect](found[: broken[0]] if broken else found)
    for voice in said.voices:
        voice.reason = reason(voice.word, voice.calls)
    name = "bedrock_invoke" if exchange.surface == "invoke" else dialect
    said.usage, said.counts = independent.usage(name, exchange.body), independent.everything(found, *COUNTS)
    return said
