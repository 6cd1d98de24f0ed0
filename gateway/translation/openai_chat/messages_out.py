"""Messages for a provider.

A tool's results stand in messages of their own here, right after the calls; what only a user may show (images and
documents of a result) follows them.
"""

import string
from hashlib import sha256
from typing import Final

from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Json
from gateway.translation.openai_chat import contents_out, thoughts
from gateway.translation.openai_chat.natives import DIALECT, MESSAGE, belongs, is_annotation
from gateway.translation.openai_chat.terms import Terms

ALPHABET: Final = string.digits + string.ascii_letters
NINE: Final = 9

CHUNKS: Final = "content"
"""`Quirks.thoughts` of a provider that takes thoughts as parts of the content (Mistral)."""

DETAILS: Final = "reasoning_details"
"""`Quirks.thoughts` of a provider that takes them only in that form."""

ERROR: Final = "Error: "


def messages(conversation: Conversation, terms: Terms) -> list[Json]:
    """Every message, in order."""
    written: list[Json] = []
    shown: list[Part] = []
    spoken = False
    for message in conversation.messages:
        if message.role in ("system", "developer"):
            _allowed(message, terms, later=spoken)
        else:
            spoken = True
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        written += [result(part, shown, terms) for part in results]
        rest: list[Part] = [part for part in message.parts if not isinstance(part, ToolResult)]
        if message.role == "tool" or (results and not rest):
            continue
        if shown and message.role != "user":
            written.append({"role": "user", "content": contents_out.content(shown, terms)})
        elif shown:
            rest = [*shown, *rest]
        shown = []
        written.append(turn(message, rest, terms))
    if shown:
        written.append({"role": "user", "content": contents_out.content(shown, terms)})
    return written


def _allowed(message: Message, terms: Terms, *, later: bool) -> None:
    """Ask for a message of the system's or a developer's; both are always written, at worst under the other's name."""
    if message.role == "system" or not terms.quirks.renames.get("developer"):
        terms.takes(message.role)
    if later:
        terms.takes("system_later")


def turn(message: Message, parts: list[Part], terms: Terms) -> Json:
    """One message that is not a tool's; `parts` are its parts without results."""
    role = message.role
    said: Json = {"role": terms.name("developer") if role == "developer" else role}
    if message.name and terms.takes("name"):
        said["name"] = message.name
    if role == "assistant":
        answer(said, parts, terms)
    else:
        said["content"] = contents_out.content(parts, terms)
    members(said, parts)
    return said


def members(said: Json, parts: list[Part]) -> None:
    """Members of a message that only this dialect knows, as they came.

    Annotations that are no citations are among them: OpenRouter reads there what it parsed of a file before.
    """
    annotations = [part.value for part in parts if isinstance(part, Native) and is_annotation(part)]
    if annotations:
        said["annotations"] = annotations
    for part in parts:
        if isinstance(part, Native) and (name := belongs(part, MESSAGE)):
            said[name] = part.value


def answer(said: Json, parts: list[Part], terms: Terms) -> None:
    """An earlier answer of the model's."""
    thought = [part for part in parts if isinstance(part, Thinking)]
    calls = [part for part in parts if isinstance(part, ToolUse)]
    refusals = [part.text for part in parts if isinstance(part, Refusing)]
    spoken: list[Part] = [part for part in parts if isinstance(part, Text | Native)]
    if "refusal" in terms.quirks.refuses:
        spoken += [Text(text) for text in refusals]
        refusals = []
    content: str | list[Json] = contents_out.content(spoken, terms)
    if thought:
        content = recall(said, content, thought, terms)
    said["content"] = content if content or not (calls or refusals) else None
    if images := pictures(parts, terms):
        said["images"] = images
    if refusals:
        said["refusal"] = "".join(refusals)
    if calls:
        said["tool_calls"] = [call(part, terms) for part in calls]


def pictures(parts: list[Part], terms: Terms) -> list[Json]:
    """Images that the model made; OpenRouter alone has a place for them, so another dialect's are lost."""
    found = [part for part in parts if isinstance(part, Media)]
    if terms.client == DIALECT:
        return [item for part in found if (item := contents_out.media(part, terms)) is not None]
    for part in found:
        terms.losses.lose(f"{part.kind}.data")
    return []


def recall(said: Json, content: str | list[Json], thought: list[Thinking], terms: Terms) -> str | list[Json]:
    """Put earlier thoughts into the message in the provider's way, and return the content, of which they may be part.

    Proofs go only where they are of this dialect.
    """
    place = terms.quirks.thoughts
    if not place:
        terms.leave("thinking")
        return content
    if not terms.takes("thinking"):
        return content
    if any(part.cache for part in thought):
        terms.leave("cache")
    own = [part if part.maker == DIALECT else Thinking(part.text, summary=part.summary) for part in thought]
    if (extra := thoughts.on_wire(own)) is not None:
        said["extra_content"] = extra
    if place == CHUNKS:
        return [*chunks(own), *(content if isinstance(content, list) else texts(content))]
    prove(said, own, place)
    return content


def prove(said: Json, own: list[Thinking], place: str) -> None:
    """Put the text of thoughts into their member, and their proofs beside it."""
    proofs = thoughts.details(own)
    words = "".join(part.text for part in own)
    if place == DETAILS:
        proofs = proofs or thoughts.numbered([part for part in own if part.text], 0, "")
    elif words:
        said[place] = words
    if proofs:
        said[DETAILS] = proofs


def chunks(thought: list[Thinking]) -> list[Json]:
    """Thoughts as Mistral has them: parts of the content."""
    return [{"type": "thinking", "thinking": texts(part.text)} for part in thought if part.text]


def texts(text: str) -> list[Json]:
    """A text as a list of parts; empty for none."""
    return [{"type": "text", "text": text}] if text else []


def call(part: ToolUse, terms: Terms) -> Json:
    """A tool call."""
    said: Json = {"id": ident(part.id, terms)}
    if part.custom:
        terms.takes("tools.custom")
        said |= {"type": "custom", "custom": {"name": part.name, "input": part.arguments}}
    else:
        said |= {"type": "function", "function": {"name": part.name, "arguments": part.arguments or "{}"}}
    if part.signature and part.maker == DIALECT:
        said["extra_content"] = thoughts.signed(part.signature)
    return contents_out.marked(said, part.cache, terms)


def ident(name: str, terms: Terms) -> str:
    """A call's id; nine letters or digits where the provider wants it so, always the same for the same id."""
    if terms.quirks.call_ids != "nine" or (len(name) == NINE and name.isascii() and name.isalnum()):
        return name
    number = int.from_bytes(sha256(name.encode()).digest())
    digits = []
    for _ in range(NINE):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


def result(part: ToolResult, shown: list[Part], terms: Terms) -> Json:
    """A tool's result; what is no text of it goes to `shown`, for the user message after the results."""
    words: list[Part] = []
    for item in part.parts:
        if not isinstance(item, Media) or item.text:
            words.append(item)
        elif terms.takes("tool_result.image" if item.kind != "document" else "tool_result.document"):
            shown.append(item)
    if part.error and terms.takes("tool_result.error"):
        words = _failed(words)
    content = contents_out.content(words, terms)
    said: Json = {"role": "tool", "tool_call_id": ident(part.id, terms), "content": content}
    members(said, part.parts)
    return contents_out.marked(said, part.cache, terms)


def _failed(words: list[Part]) -> list[Part]:
    """A result's text that says that it is an error."""
    first = words[0] if words else None
    if isinstance(first, Text):
        if first.text.lower().startswith("error"):
            return words
        return [Text(ERROR + first.text, cache=first.cache), *words[1:]]
    return [Text(ERROR.strip()), *words]
