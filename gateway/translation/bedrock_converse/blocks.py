"""Parts of a conversation as Converse's content blocks (API reference, ContentBlock)."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.conversation.losses import Losses
from gateway.conversation.parts import (
    Cache,
    Media,
    Native,
    Part,
    Refusing,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from gateway.translation.asked import left_out
from gateway.translation.bedrock_converse.families import Family
from gateway.translation.bedrock_converse.media import Shelf
from gateway.translation.codec import Json
from gateway.translation.values import wrong

NAME: Final = "bedrock_converse"
CLAUDE: Final = "anthropic_messages"
"""The dialect of Claude's own API, whose signatures hold on Bedrock too (Claude's docs, "Extended thinking")."""

ID: Final = re.compile(r"[a-zA-Z0-9_.:-]{1,64}")


def cache_point(cache: Cache) -> Json:
    """A cache marker, which stands behind what is to be kept."""
    return {"cachePoint": {"type": "default", "ttl": cache.ttl} if cache.ttl else {"type": "default"}}


def call_id(given: str) -> str:
    """An id that Bedrock takes; another one is replaced by its digest, so that call and result still agree."""
    if ID.fullmatch(given):
        return given
    return f"call_{hashlib.blake2b(given.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


class Blocks:
    """Writes the parts of one request."""

    def __init__(self, losses: Losses, family: Family) -> None:
        self._losses, self._family = losses, family
        self._shelf = Shelf(losses)
        self._ways: dict[type, Callable[[Any], Json | None]] = {
            Text: self._text,
            Media: self._shelf.block,
            Thinking: self._thinking,
            ToolUse: self._call,
            ToolResult: self._result,
            Refusing: self._text,
            Native: self._native,
        }

    def system(self, parts: list[Part]) -> list[Json]:
        """Blocks of a system prompt, which holds words and what is Converse's own."""
        blocks: list[Json] = []
        for part in parts:
            if isinstance(part, Media):
                self._losses.lose(f"{part.kind} in a system message")
            elif not isinstance(part, Text) or part.text:
                written = {"text": part.text} if isinstance(part, Text) else self._ways[type(part)](part)
                blocks += [] if written is None else [written]
            self.mark(blocks, getattr(part, "cache", None), "system")
        return blocks

    def message(self, parts: list[Part]) -> list[Json]:
        """Blocks of a message; empty text, which Bedrock refuses, is no block."""
        blocks: list[Json] = []
        for part in parts:
            written = self._ways[type(part)](part)
            if written is not None:
                blocks.append(written)
            for cache in _caches(part):
                self.mark(blocks, cache, "messages")
        return blocks

    def mark(self, blocks: list[Json], cache: Cache | None, place: str) -> None:
        """Put a cache point behind what was written, unless there is nothing or the family has none there."""
        if cache is None:
            return
        if place not in self._family.caches:
            left_out(self._losses, "cache")
        elif blocks and "cachePoint" not in blocks[-1] and self._losses.allows("cache"):
            blocks.append(cache_point(cache))

    def _text(self, part: Text | Refusing) -> Json | None:
        """Words, with the citations that Bedrock itself once gave them."""
        if not part.text:
            return None
        cited = part.citations if isinstance(part, Text) else []
        own = [citation.native for citation in cited if citation.dialect == NAME]
        if len(own) < len(cited):
            left_out(self._losses, "citations")
        return (
            {"citationsContent": {"content": [{"text": part.text}], "citations": own}} if own else {"text": part.text}
        )

    def _thinking(self, part: Thinking) -> Json | None:
        """Thoughts as their maker wants them back; Claude takes none without its signature."""
        ours = part.maker in ("", NAME) or (part.maker == CLAUDE and self._family.claude)
        if part.redacted and ours and self._losses.allows("thinking"):
            # Converse has the bytes of what Claude's own API has as text, and blobs are base64 on the wire.
            text = base64.b64encode(part.redacted.encode()).decode() if part.maker == CLAUDE else part.redacted
            return {"reasoningContent": {"redactedContent": text}}
        signature = part.signature if ours else ""
        if part.redacted or not (signature or (self._family.unsigned and part.text)):
            # Only their maker can use them, and what the model says does not change.
            left_out(self._losses, "thinking")
            return None
        if not self._losses.allows("thinking"):
            return None
        said = {"text": part.text, "signature": signature} if signature else {"text": part.text}
        return {"reasoningContent": {"reasoningText": said}}

    def _call(self, part: ToolUse) -> Json | None:
        """A tool call; raises Refusal 400 where its arguments are no JSON object."""
        if part.custom:
            self._losses.allows("tools.custom")
            return None
        return {"toolUse": {"toolUseId": call_id(part.id), "name": part.name, "input": _arguments(part)}}

    def _result(self, part: ToolResult) -> Json:
        """A tool's result; that it succeeded is what Bedrock assumes."""
        content = [block for one in part.parts if (block := self._told(one)) is not None]
        body: Json = {"toolUseId": call_id(part.id), "content": content}
        if part.error and self._losses.allows("tool_result.error"):
            body["status"] = "error"
        return {"toolResult": body}

    def _told(self, part: Part) -> Json | None:
        """One part of a tool's result, which may be anything but sound, thoughts and calls."""
        if isinstance(part, Media):
            if part.kind == "audio":
                self._losses.lose("audio.data")
                return None
            if part.kind != "video" and not self._losses.allows(f"tool_result.{part.kind}"):
                return None
            return self._shelf.block(part)
        if isinstance(part, Text):
            return {"text": part.text} if part.text else None
        return self._ways[type(part)](part) if isinstance(part, Native | Refusing) else None

    def _native(self, part: Native) -> Json | None:
        """A block that only Converse knows, as it stands."""
        if part.dialect == NAME and isinstance(part.value, dict):
            return part.value
        self._losses.lose(part.name)
        return None


def _caches(part: Part) -> list[Cache]:
    """The cache markers of a part; those inside a tool's result come behind it, where Converse has a place for them."""
    held = [part, *part.parts] if isinstance(part, ToolResult) else [part]
    return [cache for one in held if (cache := getattr(one, "cache", None)) is not None]


def _arguments(call: ToolUse) -> Json:
    """The arguments of a call in the history, which clients send as text; raises Refusal 400."""
    place = f"the arguments of tool call {call.id!r} ({call.name})"
    try:
        value = msgspec.json.decode(call.arguments) if call.arguments.strip() else {}
    except (ValueError, RecursionError) as problem:
        raise wrong(place, "must be JSON.") from problem
    if not isinstance(value, dict):
        raise wrong(place, "must be a JSON object.")
    return value
