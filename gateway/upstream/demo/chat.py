"""Chat and text completions that quote what they were told: the whole answer, or its events."""

import re
import time
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final

import msgspec

from gateway.upstream.demo.instance import of_schema

encode: Final = msgspec.json.Encoder().encode
DONE: Final = b"data: [DONE]\n\n"
QUOTED: Final = 200
"""Characters of a message that the answer quotes."""
CHOICES: Final = 128


class Said(msgspec.Struct):
    """One message of the conversation; content is text, or a list of parts."""

    role: str
    content: str | list[Any] | None = None


class Function(msgspec.Struct):
    """A function the model may call."""

    name: str
    parameters: Any = None


class Tool(msgspec.Struct):
    """A tool on offer; only functions are ever called."""

    type: str = "function"
    function: Function | None = None


class StreamOptions(msgspec.Struct):
    """What a stream is to hold besides the answer."""

    include_usage: bool = False


class Asked(msgspec.Struct):
    """The fields both endpoints share that have an effect here."""

    model: str = ""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None


class ChatAsked(Asked):
    """A body of chat/completions."""

    messages: list[Said] | None = None
    tools: list[Tool] | None = None
    tool_choice: Any = None
    response_format: Any = None


class TextAsked(Asked):
    """A body of completions."""

    prompt: str | list[Any] | None = None


class Draft(msgspec.Struct):
    """The answer before it gets its form; `call` is a function's name and its arguments as JSON."""

    text: str
    finish: str
    call: tuple[str, str] | None = None


class Answer:
    """One answer, to be had whole or as events."""

    def __init__(self, body: bytes, asked: Asked) -> None:
        chat = isinstance(asked, ChatAsked)
        self.asked, self.chat = asked, chat
        self.mark = blake2b(body, digest_size=12).hexdigest()
        self.draft = drafted(asked) if isinstance(asked, ChatAsked) else cut(quoting(prompt(asked)), asked)
        self.count = min(max(asked.n or 1, 1), CHOICES)
        read = sum(words(content(said)) + 3 for said in asked.messages or ()) if isinstance(asked, ChatAsked) else 0
        self.read = read or words(prompt(asked))

    def head(self, kind: str) -> dict[str, Any]:
        """The fields that every object of this answer begins with."""
        return {
            "id": f"{'chatcmpl' if self.chat else 'cmpl'}-demo-{self.mark}",
            "object": kind,
            "created": int(time.time()),
            "model": self.asked.model,
            "system_fingerprint": "fp_demo",
        }

    def usage(self) -> dict[str, Any]:
        """Words as tokens."""
        draft = self.draft
        written = (words(draft.text) + (words(draft.call[1]) + 8 if draft.call else 0)) * self.count
        return {
            "prompt_tokens": self.read,
            "completion_tokens": written,
            "total_tokens": self.read + written,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }

    def whole(self) -> bytes:
        """The answer as one JSON document."""
        draft = self.draft
        if self.chat:
            message: dict[str, Any] = {"role": "assistant", "content": draft.text, "refusal": None}
            if draft.call:
                message |= {"content": None, "tool_calls": [self.tool_call(draft.call)]}
            said: dict[str, Any] = {"message": message}
        else:
            said = {"text": draft.text}
        choices = [{"index": at, **said, "logprobs": None, "finish_reason": draft.finish} for at in range(self.count)]
        kind = "chat.completion" if self.chat else "text_completion"
        return encode({**self.head(kind), "choices": choices, "usage": self.usage()})

    def tool_call(self, call: tuple[str, str]) -> dict[str, Any]:
        """The call of a tool, in the form both a message and a chunk have it."""
        return {
            "id": f"call_demo{self.mark[:16]}",
            "type": "function",
            "function": {"name": call[0], "arguments": call[1]},
        }

    def events(self) -> Iterator[bytes]:
        """The answer as server-sent events, one at a time."""
        head = self.head("chat.completion.chunk" if self.chat else "text_completion")
        asked = self.asked
        tail = bool(asked.stream_options and asked.stream_options.include_usage)
        # With include_usage every chunk but the last says `usage: null` (OpenAI API reference, chat streaming).
        unknown = {"usage": None} if tail else {}
        for at in range(self.count):
            for said, finish in self.steps():
                choice = {"index": at, **said, "logprobs": None, "finish_reason": finish}
                yield b"data: " + encode({**head, "choices": [choice], **unknown}) + b"\n\n"
        if tail:
            yield b"data: " + encode({**head, "choices": [], "usage": self.usage()}) + b"\n\n"
        yield DONE

    def steps(self) -> Iterator[tuple[dict[str, Any], str | None]]:
        """What each event of one choice says, and how it ends."""
        draft = self.draft
        if not self.chat:
            yield from (({"text": piece}, None) for piece in pieces(draft.text))
            yield {"text": ""}, draft.finish
            return
        yield {"delta": {"role": "assistant", "content": None if draft.call else "", "refusal": None}}, None
        if draft.call:
            name, arguments = draft.call
            yield {"delta": {"tool_calls": [{"index": 0, **self.tool_call((name, ""))}]}}, None
            for piece in pieces(arguments):
                yield {"delta": {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}}, None
        yield from (({"delta": {"content": piece}}, None) for piece in pieces("" if draft.call else draft.text))
        yield {"delta": {}}, draft.finish


def drafted(asked: ChatAsked) -> Draft:
    """The answer to a conversation: a tool's call, a JSON document, or a quotation."""
    if function := called(asked):
        return Draft("", "tool_calls", (function.name, encode(of_schema(function.parameters) or {}).decode()))
    text = quoting(content(asked.messages[-1]) if asked.messages else "")
    wanted = asked.response_format if isinstance(asked.response_format, dict) else {}
    if wanted.get("type") == "json_schema":
        described = wanted.get("json_schema")
        text = encode(of_schema(described.get("schema") if isinstance(described, dict) else None)).decode()
    elif wanted.get("type") == "json_object":
        text = encode({"answer": text}).decode()
    return cut(text, asked)


def called(asked: ChatAsked) -> Function | None:
    """The function to call: the one `tool_choice` names, or the first where that or the last message asks for one."""
    functions = [tool.function for tool in asked.tools or () if tool.function]
    choice, last = asked.tool_choice, asked.messages[-1] if asked.messages else None
    if not functions or choice == "none" or last is None:
        return None
    if isinstance(choice, dict) and isinstance(named := choice.get("function"), dict):
        return next((function for function in functions if function.name == named.get("name")), None)
    if choice == "required":
        return functions[0]
    text = content(last)[:4096].lower() if last.role == "user" else ""
    stems = [stem for stem in re.split(r"[^a-z0-9]+", functions[0].name.lower()) if len(stem) > 3]
    return functions[0] if any(stem in text for stem in [*stems, functions[0].name.lower()]) else None


def content(said: Said) -> str:
    """A message's text, its parts joined."""
    if isinstance(said.content, list):
        parts = [part.get("text") for part in said.content if isinstance(part, dict)]
        return " ".join(part for part in parts if isinstance(part, str))
    return said.content or ""


def prompt(asked: Asked) -> str:
    """The text to be completed: the first of several."""
    given = asked.prompt if isinstance(asked, TextAsked) else ""
    if isinstance(given, list):
        given = given[0] if given and isinstance(given[0], str) else ""
    return given or ""


def quoting(text: str) -> str:
    """The demo's one sentence, and what it was told."""
    quoted = " ".join(text[: 4 * QUOTED].split())
    if len(quoted) > QUOTED:
        quoted = quoted[:QUOTED] + "…"
    return (
        f"This is the gateway's demo provider: no model has run and nothing has left this machine. You wrote: {quoted}"
    )


def cut(text: str, asked: Asked) -> Draft:
    """The text as far as a stop sequence or the limit of tokens lets it go."""
    stops = [asked.stop] if isinstance(asked.stop, str) else asked.stop or []
    ends = [at for stop in stops[:16] if stop and (at := text.find(stop)) >= 0]
    if ends:
        text = text[: min(ends)]
    limit = asked.max_completion_tokens if asked.max_completion_tokens is not None else asked.max_tokens
    split = pieces(text)
    if limit is not None and len(split) > max(limit, 0):
        return Draft("".join(split[: max(limit, 0)]), "length")
    return Draft(text, "stop")


def pieces(text: str) -> list[str]:
    """The text in words, each with the blanks after it; together they are the text."""
    starts = [match.start() for match in re.finditer(r"\S+", text)]
    edges = [0, *starts[1:], len(text)] if text else [0]
    return [text[start:end] for start, end in pairwise(edges)]


def words(text: str) -> int:
    """About the number of words, without making a list of a long text's."""
    return text.count(" ") + text.count("\n") + 1 if text else 0
