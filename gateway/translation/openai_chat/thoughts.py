"""Thoughts: as plain text in `reasoning_content`, and with what proves them in OpenRouter's `reasoning_details`.

https://openrouter.ai/docs/guides/best-practices/reasoning-tokens. A proof there is nothing without its `format`, for
which the neutral form has no field: it stands before the signature, so that both travel together.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.conversation.parts import Thinking
from gateway.translation.codec import Json
from gateway.translation.openai_chat.natives import DIALECT
from gateway.translation.signatures import inward, outward
from gateway.translation.values import soft

FORMATS: Final = {
    "anthropic_messages": "anthropic-claude-v1",
    "gemini_generate": "google-gemini-v1",
    "openai_responses": "openai-responses-v1",
}
"""OpenRouter's `format` by the dialect that made a signature."""

SEAM: Final = "~"
"""Between format and signature; in no alphabet of base64."""

GOOGLE: Final = "extra_content"
"""The format of a signature that Google's endpoint put on the message itself."""


def pack(form: str, signature: str) -> str:
    """A signature of this dialect with its format."""
    return f"{form}{SEAM}{signature}" if form or SEAM in signature else signature


def unpack(signature: str) -> tuple[str, str]:
    """Format and signature; the format is empty where the provider gave none."""
    form, found, bare = signature.partition(SEAM)
    return (form, bare) if found else ("", signature)


def sealed(text: object, form: str) -> tuple[str, str]:
    """A signature or encrypted text as the neutral form has it, and its maker; both empty where there is none."""
    if not isinstance(text, str) or not text:
        return "", ""
    bare, maker = inward(text, DIALECT)
    return (pack(form, bare), maker) if maker == DIALECT else (bare, maker)


def thought(item: Json) -> Thinking | None:
    """One of `reasoning_details`; None where it says nothing."""
    kind, form = item.get("type"), soft(item.get("format"), str, "")
    found = Thinking(id=soft(item.get("id"), str, ""))
    if kind == "reasoning.encrypted":
        found.redacted, found.maker = sealed(item.get("data"), form)
        return found if found.redacted else None
    found.summary = kind == "reasoning.summary"
    found.text = soft(item.get("summary" if found.summary else "text"), str, "")
    found.signature, found.maker = sealed(item.get("signature"), form)
    return found if found.text or found.signature else None


def on_message(extra: object) -> list[Thinking]:
    """The signature in a message's `extra_content`, as a thought without words; Google's endpoint puts it there."""
    signature = google(extra)
    if not signature:
        return []
    packed, maker = sealed(signature, GOOGLE)
    return [Thinking(signature=packed, maker=maker)]


def google(extra: object) -> str:
    """`google.thought_signature` of an `extra_content`; empty where it is not there."""
    if not isinstance(extra, dict):
        return ""
    return soft(soft(extra.get("google"), dict, {}).get("thought_signature"), str, "")


def signed(signature: str) -> Json:
    """The `extra_content` that carries a signature of Google's."""
    return {"google": {"thought_signature": signature}}


def gathered(details: Iterable[Any], text: str) -> list[Thinking]:
    """The thoughts of `reasoning_details`, and `text` where they do not say the same in words."""
    found: list[Thinking] = []
    for item in details:
        one = thought(item) if isinstance(item, dict) else None
        if one is None:
            continue
        if one.redacted and one.id and found and found[-1].id == one.id and not found[-1].redacted:
            # The words of an encrypted thought stand before it, under the same id.
            found[-1].redacted, found[-1].maker = one.redacted, one.maker
        else:
            found.append(one)
    if text and not any(one.text for one in found):
        found.insert(0, Thinking(text))
    return found


def chunks(value: object) -> str:
    """The text of Mistral's `thinking` member: a list of text chunks, or a string."""
    if isinstance(value, str):
        return value
    items = value if isinstance(value, list) else ()
    return "".join(soft(item.get("text"), str, "") for item in items if isinstance(item, dict))


def details(thoughts: Sequence[Thinking]) -> list[Json]:
    """`reasoning_details` for thoughts of which any is signed or encrypted; else none, for their text is all."""
    proofs = [one for one in thoughts if (one.signature or one.redacted) and not of_message(one)]
    if not proofs:
        return []
    form = next((form for one in proofs if (form := seal(one)[0])), "")
    return numbered([one for one in thoughts if not of_message(one)], 0, form)


def numbered(thoughts: Iterable[Thinking], begin: int, form: str) -> list[Json]:
    """Items of `reasoning_details` from the number `begin` on; `form` is the format of what has none of its own."""
    items = [item for one in thoughts for item in items_of(one, form)]
    for index, item in enumerate(items, begin):
        item["index"] = index
    return items


def of_message(thought: Thinking) -> bool:
    """Whether it is Google's signature on a message, which has its own place."""
    return thought.maker == DIALECT and thought.signature.startswith(GOOGLE + SEAM)


def seal(thought: Thinking) -> tuple[str, str]:
    """Format and proof as a client of this dialect gets them; the proof of another dialect's is marked."""
    proof = thought.redacted or thought.signature
    if thought.maker == DIALECT:
        return unpack(proof)
    return FORMATS.get(thought.maker, "unknown") if proof else "", outward(proof, thought.maker, DIALECT)


def items_of(thought: Thinking, form: str) -> list[Json]:
    """A thought's words and its encrypted form, each an item of `reasoning_details`."""
    own, proof = seal(thought)
    items: list[Json] = []
    if thought.text or not thought.redacted:
        kind, member = ("summary", "summary") if thought.summary else ("text", "text")
        items.append({"type": f"reasoning.{kind}", member: thought.text})
        if thought.signature and not thought.redacted:
            items[0]["signature"] = proof
    if thought.redacted:
        items.append({"type": "reasoning.encrypted", "data": proof})
    for item in items:
        if thought.id:
            item["id"] = thought.id
        if own or (form and not proof):
            item["format"] = own or form
    return items


def on_wire(thoughts: Sequence[Thinking]) -> Json | None:
    """The `extra_content` of a message whose thoughts hold Google's signature for it; None where none does."""
    found = next((one for one in thoughts if of_message(one)), None)
    return signed(unpack(found.signature)[1]) if found is not None else None
