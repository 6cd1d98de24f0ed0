"""A provider's whole answer; what is odd in it is as if it were absent."""

from typing import Any, Final

import msgspec

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Media, Part, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.openai_chat import citations, counts, thoughts
from gateway.translation.openai_chat.inline_urls import place
from gateway.translation.openai_chat.natives import AUDIO, CHOICE, DIALECT, MESSAGE, native
from gateway.translation.openai_chat.reasons import reason
from gateway.translation.values import soft

ANSWER: Final = frozenset(
    [
        "id",
        "object",
        "created",
        "model",
        "choices",
        "usage",
        "service_tier",
        "system_fingerprint",
        "obfuscation",
        "p",
    ]
)
"""Members of an answer, or of a chunk, that have a place in the neutral form; others are extras.

`obfuscation` and Mistral's `p` are padding against those who measure encrypted streams.
"""

ASIDE: Final = frozenset(
    ("index", "message", "delta", "finish_reason", "native_finish_reason", "stop_reason", "logprobs", "error", "usage")
)
"""Members of a choice that have a place; others that hold anything are Natives."""

SAID: Final = frozenset(
    [
        "role",
        "content",
        "refusal",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "tool_calls",
        "function_call",
        "audio",
        "annotations",
        "images",
        "extra_content",
    ]
)
"""Members of a message that have a place; others that hold anything are Natives."""


def read_answer(body: Json) -> Completion:
    """A chat completion. Where a provider answers 200 and means an error, the error is among the extras."""
    choices = soft(body.get("choices"), list, [])
    completion = Completion(
        id=soft(body.get("id"), str, ""),
        model=soft(body.get("model"), str, ""),
        created=created(body.get("created")),
        candidates=[candidate(item, at) for at, item in enumerate(choices) if isinstance(item, dict)],
        service_tier=tier(body),
        fingerprint=soft(body.get("system_fingerprint"), str, ""),
        extras={name: value for name, value in body.items() if name not in ANSWER and value is not None},
    )
    usage = body.get("usage") or soft(body.get("x_groq"), dict, {}).get("usage")
    if isinstance(usage, dict):
        completion.usage = counts.usage(usage)
        completion.extras |= counts.beside(usage)
    name_calls(completion)
    error = next((item["error"] for item in choices if isinstance(item, dict) and item.get("error")), None)
    if error is not None:
        completion.extras.setdefault("error", error)
    return completion


def created(value: object) -> int:
    """When the answer was made; Writer says it in a string."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, float) and 0 <= value < 2**53:
        return int(value)
    return soft(value, int, 0)


def tier(body: Json) -> str:
    """The tier that served; Mistral says it in the usage."""
    return soft(body.get("service_tier"), str, "") or soft(
        soft(body.get("usage"), dict, {}).get("service_tier"), str, ""
    )


def candidate(item: Json, at: int) -> Candidate:
    """One choice."""
    message = soft(item.get("message"), dict, {})
    found = Candidate(parts(message), index=soft(item.get("index"), int, at), logprobs=logprobs(item.get("logprobs")))
    found.parts += [native(CHOICE + name, value) for name, value in item.items() if notable(name, value, ASIDE)]
    word = soft(item.get("finish_reason"), str, "")
    found.native_reason = soft(item.get("native_finish_reason"), str, "") or word
    if word:
        found.reason = reason(word, calls=any(isinstance(part, ToolUse) for part in found.parts))
        stop = item.get("stop_reason")
        if found.reason == "stop" and isinstance(stop, str) and stop:
            # vLLM's: the sequence that was met.
            found.reason, found.stop_sequence = "stop_sequence", stop
    if item.get("error"):
        found.reason = "error"
    return found


def notable(name: str, value: object, known: frozenset[str]) -> bool:
    """Whether a member without a place says something: a list or an object that is not empty."""
    return isinstance(value, dict | list) and bool(value) and name not in known


def logprobs(value: object) -> Json | None:
    """Log probabilities; None where there are none, whatever empty form that has."""
    if isinstance(value, dict) and (value.get("content") or value.get("refusal")):
        return value
    return None


def parts(message: Json) -> list[Part]:
    """Everything a message says: thoughts, content, refusal, sound, images, calls, and what only this dialect knows."""
    details = soft(message.get("reasoning_details"), list, [])
    words = soft(message.get("reasoning_content"), str, "") or soft(message.get("reasoning"), str, "")
    found: list[Part] = [*thoughts.gathered(details, words), *thoughts.on_message(message.get("extra_content"))]
    found += content(message.get("content"))
    cited, others = citations.read(message.get("annotations"))
    if cited:
        spoken = next((part for part in found if isinstance(part, Text)), None)
        if spoken is None:
            found.append(spoken := Text())
        spoken.citations = cited
    if refusal := soft(message.get("refusal"), str, ""):
        found.append(Refusing(refusal))
    found += [image for item in soft(message.get("images"), list, []) if (image := picture(item)) is not None]
    found += [call(item) for item in soft(message.get("tool_calls"), list, []) if isinstance(item, dict)]
    asked = message.get("function_call")
    if isinstance(asked, dict) and asked.get("name"):
        found.append(call({"function": asked}))
    found += [*sound(message.get("audio")), *others]
    found += [native(MESSAGE + name, value) for name, value in message.items() if notable(name, value, SAID)]
    return found


def content(value: object) -> list[Part]:
    """Content that is a string, or Mistral's list of chunks."""
    if isinstance(value, str):
        return [Text(value)] if value else []
    items = value if isinstance(value, list) else ()
    return [part for item in items if isinstance(item, dict) and (part := chunk(item)) is not None]


def chunk(item: Json) -> Part | None:
    """One chunk of such content; None where it says nothing."""
    kind = item.get("type")
    if kind == "text":
        text = soft(item.get("text"), str, "")
        return Text(text) if text else None
    if kind == "thinking":
        text = thoughts.chunks(item.get("thinking"))
        return Thinking(text) if text else None
    if kind == "image_url":
        return picture(item)
    return native(kind, item) if isinstance(kind, str) and kind else None


def picture(item: object) -> Media | None:
    """An image that the model made, as OpenRouter has them."""
    value: Any = item.get("image_url") if isinstance(item, dict) else None
    url = value.get("url") if isinstance(value, dict) else value
    return place(Media("image"), url) if isinstance(url, str) and url else None


def sound(audio: object) -> list[Part]:
    """Spoken words: the sound, and beside it its id, transcript and end of life."""
    if not isinstance(audio, dict) or not (audio.get("id") or audio.get("data")):
        return []
    written = soft(audio.get("data"), str, "")
    beside = native(AUDIO, {name: value for name, value in audio.items() if name != "data"})
    return [Media("audio", data=written), beside] if written else [beside]


def call(item: Json) -> ToolUse:
    """A tool call, whatever of it is there; an id that is missing is made in name_calls."""
    inside = soft(item.get("function"), dict, {}) or soft(item.get("custom"), dict, {})
    use = ToolUse(ident(item.get("id")), soft(inside.get("name"), str, ""))
    use.custom = item.get("type") == "custom" or "custom" in item
    use.arguments = arguments(inside.get("input" if use.custom else "arguments"))
    use.signature = thoughts.google(item.get("extra_content"))
    use.maker = DIALECT if use.signature else ""
    return use


def ident(value: object) -> str:
    """A call's id; Mistral writes `null` for none."""
    return value if isinstance(value, str) and value != "null" else ""


def arguments(value: object) -> str:
    """Arguments as JSON text; some providers send them as an object."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else ""


def name_calls(completion: Completion) -> None:
    """Give calls without an id one."""
    for found in completion.candidates:
        calls = (part for part in found.parts if isinstance(part, ToolUse))
        for number, use in enumerate(calls):
            use.id = use.id or made(completion.id, found.index, number)


def made(answer: str, index: int, number: int) -> str:
    """An id for a call that has none: no other answer's, and the same each time."""
    return f"call_{answer}_{index}_{number}"
