"""Thoughts as `reasoning` items: summaries, open text, and `encrypted_content`, which is this dialect's signature.

Every client must send these items back, so what another dialect's model needs back travels in `encrypted_content`,
marked with its maker (`gateway.translation.signatures`): a signature as it is, encrypted thoughts behind `redacted~`,
and the signature of a tool call, which has no place of its own here, behind `call~<call id>~`.
"""

from typing import Final

from gateway.conversation.parts import Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.openai_responses.own import NAME, is_made
from gateway.translation.signatures import inward, outward
from gateway.translation.values import soft

BREAK: Final = "\n\n"
"""Between the texts of one item."""

TITLE: Final = "\n\n**"
"""How a further summary begins: each has a title in bold."""

REDACTED: Final = "redacted~"
CALL: Final = "call~"
"""No signature begins so: no base64 has a tilde."""


def texts(value: object) -> list[str]:
    """The `text` of each of a list's objects."""
    found = value if isinstance(value, list) else ()
    return [soft(one.get("text"), str, "") for one in found if isinstance(one, dict)]


def read_thinking(item: Json) -> Thinking:
    """A provider's reasoning item; where it has its thoughts and a summary of them, the thoughts."""
    content, summary = texts(item.get("content")), texts(item.get("summary"))
    return Thinking(
        text=BREAK.join(content or summary),
        signature=soft(item.get("encrypted_content"), str, ""),
        id=soft(item.get("id"), str, ""),
        maker=NAME,
        summary=bool(summary) and not content,
    )


def unseal(item: Json) -> Thinking | ToolUse:
    """A reasoning item that a client sends back; of a ToolUse only id, signature and maker are filled in.

    Where the item has an id of the gateway's making and no proof, nothing tells who thought it: it has no maker.
    """
    found = read_thinking(item)
    made = is_made(found.id)
    if made:
        found.id = ""
    if not found.signature:
        found.maker = "" if made else NAME
        return found
    found.signature, found.maker = inward(found.signature, NAME)
    if found.maker == NAME:
        return found
    if found.signature.startswith(REDACTED):
        found.redacted, found.signature = found.signature[len(REDACTED) :], ""
    elif found.signature.startswith(CALL):
        call, _, signature = found.signature[len(CALL) :].rpartition("~")
        return ToolUse(call, "", signature=signature, maker=found.maker)
    return found


def seal(thinking: Thinking) -> str:
    """`encrypted_content` as a client gets it; empty where there is nothing to send back."""
    if thinking.redacted and not thinking.signature and thinking.maker != NAME:
        return outward(REDACTED + thinking.redacted, thinking.maker, NAME)
    return outward(thinking.signature or thinking.redacted, thinking.maker, NAME)


def seal_call(call: ToolUse) -> Json:
    """The reasoning item, still without an id, in which a tool call's signature travels."""
    sealed = outward(f"{CALL}{call.id}~{call.signature}", call.maker, NAME)
    return {"type": "reasoning", "summary": [], "encrypted_content": sealed}


def is_open(thinking: Thinking) -> bool:
    """Whether its text is written as `reasoning_text` and not as a summary.

    Only what a provider of this dialect sent so: of other makers' thoughts the clients (Codex, the AI SDK) show
    nothing unless they are summaries.
    """
    return thinking.maker == NAME and not thinking.summary


def summaries(text: str) -> list[str]:
    """A summary's text as the texts it was joined from: a further one begins with a title."""
    first, *others = text.split(TITLE)
    return [first, *("**" + other for other in others)]


def write_thinking(thinking: Thinking) -> Json:
    """A reasoning item without its id and its encrypted content."""
    if not thinking.text:
        return {"type": "reasoning", "summary": []}
    if is_open(thinking):
        said = [{"type": "reasoning_text", "text": thinking.text}]
        return {"type": "reasoning", "summary": [], "content": said}
    return {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": text} for text in summaries(thinking.text)],
    }
