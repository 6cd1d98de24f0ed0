"""A whole answer for a client."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json
from gateway.translation.openai_chat import citations, counts, reasons, thoughts
from gateway.translation.openai_chat.answers_in import ANSWER
from gateway.translation.openai_chat.inline_urls import url_of
from gateway.translation.openai_chat.natives import AUDIO, CHOICE, DIALECT, EXTRAS, MESSAGE, belongs, is_annotation
from gateway.translation.openai_chat.requests_in import LegacyConversation
from gateway.translation.signatures import outward

SILENT: Final[Json] = {"id": "", "data": "", "expires_at": 0, "transcript": ""}
"""The members of `audio` that the official SDK needs."""


def answer_id(given: str) -> str:
    """The provider's id, or a new one: without it the official Node SDK's helper for streams loses the usage."""
    return given or f"chatcmpl-{uuid4().hex}"


def write_answer(completion: Completion, conversation: Conversation) -> Json:
    """A chat completion."""
    extras = {**completion.extras}
    for candidate in completion.candidates:
        for part in candidate.parts:
            if isinstance(part, Native) and (part.dialect, part.name) == (DIALECT, EXTRAS):
                extras |= part.value
    said: Json = {
        "id": answer_id(completion.id),
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model or conversation.model,
        "choices": [choice(candidate, conversation) for candidate in completion.candidates],
    }
    if completion.usage is not None:
        said["usage"] = counts.written(completion.usage, extras)
    if completion.service_tier:
        said["service_tier"] = completion.service_tier
    if completion.fingerprint:
        said["system_fingerprint"] = completion.fingerprint
    return said | top(extras)


def top(extras: Json) -> Json:
    """Those of the extras that stand beside the choices; none of them takes another member's place."""
    return {name: value for name, value in extras.items() if name not in ANSWER and not name.startswith(counts.PATH)}


def hides(conversation: Conversation) -> bool:
    """Whether the client asked for an answer without thoughts."""
    return conversation.reasoning is not None and conversation.reasoning.show is False


def choice(candidate: Candidate, conversation: Conversation) -> Json:
    """One of the `n` answers."""
    legacy = isinstance(conversation, LegacyConversation)
    calls = [part for part in candidate.parts if isinstance(part, ToolUse)]
    said: Json = {
        "index": candidate.index,
        "message": message(candidate.parts, conversation),
        "logprobs": candidate.logprobs,
        "finish_reason": reasons.finish(candidate.reason, calls=bool(calls), legacy=legacy),
    }
    if candidate.native_reason and candidate.native_reason != said["finish_reason"]:
        said["native_finish_reason"] = candidate.native_reason
    if candidate.stop_sequence is not None:
        said["stop_reason"] = candidate.stop_sequence
    return said | members(candidate.parts, CHOICE)


def members(parts: Sequence[Part], prefix: str) -> Json:
    """What only this dialect knows, by its name."""
    return {name: part.value for part in parts if isinstance(part, Native) and (name := belongs(part, prefix))}


def message(parts: list[Part], conversation: Conversation) -> Json:
    """What the model said."""
    calls = [part for part in parts if isinstance(part, ToolUse)]
    refusals = [part.text for part in parts if isinstance(part, Refusing)]
    text = "".join(part.text for part in parts if isinstance(part, Text))
    speech = audio(parts)
    silent = bool(calls or refusals or speech)
    said: Json = {
        "role": "assistant",
        "content": text if text or not silent else None,
        "refusal": "".join(refusals) if refusals else None,
    }
    if not hides(conversation):
        said |= recalled([part for part in parts if isinstance(part, Thinking)])
    if cited := annotations(parts):
        said["annotations"] = cited
    if images := [picture(part, at) for at, part in enumerate(seen(parts))]:
        said["images"] = images
    if speech:
        said["audio"] = speech
    if calls and isinstance(conversation, LegacyConversation):
        # Its client knows of one call at a time; the model asks for the others again.
        said["function_call"] = {"name": calls[0].name, "arguments": calls[0].arguments or "{}"}
    elif calls:
        said["tool_calls"] = [tool_call(part) for part in calls]
    return said | members(parts, MESSAGE)


def recalled(thought: list[Thinking]) -> Json:
    """Thoughts as text, and with their proofs where they have any."""
    said: Json = {}
    if words := "".join(part.text for part in thought):
        said["reasoning_content"] = words
    if proofs := thoughts.details(thought):
        said["reasoning_details"] = proofs
    if (extra := thoughts.on_wire(thought)) is not None:
        said["extra_content"] = extra
    return said


def annotations(parts: list[Part]) -> list[Any]:
    """Citations of all texts, counted from the beginning of the first, and annotations that are none."""
    found: list[Any] = []
    offset = 0
    for part in parts:
        if isinstance(part, Text):
            found += [citations.annotation(one, offset) for one in part.citations]
            offset += len(part.text)
    return found + [part.value for part in parts if isinstance(part, Native) and is_annotation(part)]


def seen(parts: list[Part]) -> list[Media]:
    """Images that the model made."""
    return [part for part in parts if isinstance(part, Media) and part.kind == "image"]


def picture(part: Media, index: int) -> Json:
    """An image as OpenRouter has them; OpenAI has no place for one."""
    return {"type": "image_url", "image_url": {"url": url_of(part, "image/png")}, "index": index}


def audio(parts: list[Part]) -> Json:
    """What the model said aloud; empty where it did not."""
    beside = next(
        (part.value for part in parts if isinstance(part, Native) and (part.dialect, part.name) == (DIALECT, AUDIO)),
        None,
    )
    heard = next((part for part in parts if isinstance(part, Media) and part.kind == "audio"), None)
    if beside is None and heard is None:
        return {}
    return {**SILENT, **(beside or {}), **({"data": heard.data} if heard is not None else {})}


def tool_call(part: ToolUse) -> Json:
    """A tool call."""
    said: Json = {"id": part.id}
    if part.custom:
        said |= {"type": "custom", "custom": {"name": part.name, "input": part.arguments}}
    else:
        said |= {"type": "function", "function": {"name": part.name, "arguments": part.arguments or "{}"}}
    if part.signature:
        said["extra_content"] = thoughts.signed(outward(part.signature, part.maker, DIALECT))
    return said
