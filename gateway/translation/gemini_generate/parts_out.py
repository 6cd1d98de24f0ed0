"""Neutral parts as Google's, as far as requests and answers write them alike."""

from collections.abc import Callable
from typing import Final

from gateway.conversation.parts import Part, Thinking
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.words import NAME

SIGNED: Final = frozenset(("text", "inlineData", "fileData"))
UNSIGNED: Final = frozenset(("thought", "thoughtSignature"))


def write_parts(parts: list[Part], write: Callable[[Part], Json | None], seal: Callable[[Thinking], str]) -> list[Json]:
    """The parts in order: `write` makes those that are no thoughts, None for what is left out.

    `seal` says what a thought's signature is for the reader; without words it belongs to the part before it.
    """
    written: list[Json] = []
    for part in parts:
        if isinstance(part, Thinking):
            write_thought(part, seal(part), written)
        elif (one := write(part)) is not None:
            written.append(one)
    return written


def write_thought(thought: Thinking, signature: str, written: list[Json]) -> None:
    """Put a thought behind what is written, or its signature onto the last of it."""
    if thought.text:
        part: Json = {"text": thought.text, "thought": True}
        written.append({**part, "thoughtSignature": signature} if signature else part)
        return
    if not signature:
        return
    last = written[-1] if written else {}
    if thought.maker == NAME and SIGNED.intersection(last) and UNSIGNED.isdisjoint(last):
        last["thoughtSignature"] = signature
    else:
        written.append(seal_alone(signature, thought=thought.maker != NAME))


def seal_alone(signature: str, *, thought: bool) -> Json:
    """A part that only holds a signature: Google ends an answer so; `thought` where it ends thoughts."""
    part: Json = {"text": "", "thoughtSignature": signature}
    return {**part, "thought": True} if thought else part
