"""Tools' results: `functionResponse`, read and written."""

from typing import Final

from gateway.conversation.parts import Media, Native, Part, Refusing, Text, ToolResult
from gateway.translation.codec import Json
from gateway.translation.gemini_generate import media
from gateway.translation.gemini_generate.calls import Ledger, made_id, parsed, written_id
from gateway.translation.gemini_generate.models import generation
from gateway.translation.gemini_generate.outgoing import Outgoing
from gateway.translation.gemini_generate.words import encode, listed
from gateway.translation.values import needed, optional

KNOWN: Final = frozenset(("id", "name", "response", "parts"))

SHOWN: Final = frozenset(("image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"))
"""What Gemini 3 takes inside a result (ai.google.dev, function calling, multimodal function responses)."""


def read_response(response: Json, ledger: Ledger, place: str) -> ToolResult | None:
    """A function's result, None where it says more than the neutral form can; raises Refusal 400."""
    if response.keys() - KNOWN:
        return None
    name = needed(response, "name", str, place)
    id, name = ledger.answered(optional(response, "id", str, place) or "", name)
    said = optional(response, "response", dict, place)
    text, error = ("", False) if said is None else _read(said)
    parts: list[Part] = [Text(text)] if said is not None else []
    for number, part in enumerate(listed(response.get("parts"), f"{place}.parts")):
        here = f"{place}.parts[{number}]"
        if part.keys() == {"fileData"}:
            parts.append(media.read_stored(needed(part, "fileData", dict, here), f"{here}.fileData"))
        elif part.keys() == {"inlineData"}:
            parts.append(media.read_inline(needed(part, "inlineData", dict, here), f"{here}.inlineData"))
        else:
            return None
    return ToolResult(id or made_id(place), parts, name, error)


def _read(said: Json) -> tuple[str, bool]:
    """A result's text and whether it is an error; written again, it is the same object."""
    if len(said) == 1:
        [(key, value)] = said.items()
        if key in ("output", "error") and isinstance(value, str) and _object(value) is None:
            return value, key == "error"
        if key == "error" and isinstance(value, dict):
            return encode(value).decode(), True
    return encode(said).decode(), False


def _object(text: str) -> Json | None:
    """The JSON object that a text is, if it is one."""
    return parsed(text) if text.lstrip()[:1] == "{" else None


def write_response(result: ToolResult, name: str, out: Outgoing) -> tuple[Json, list[Json]]:
    """The part for a result, and the parts that must follow the results, as the model takes no files in them."""
    texts: list[str] = []
    inside: list[Json] = []
    behind: list[Json] = []
    for part in result.parts:
        if isinstance(part, Text | Refusing):
            texts.append(part.text)
        elif isinstance(part, Media):
            _attach(part, out, inside, behind)
        elif isinstance(part, Native):
            out.losses.lose(part.name)
    said = _said("\n".join(texts), error=result.error and out.allows("tool_result.error"))
    written: Json = {**written_id(result.id), "name": result.name or name or result.id, "response": said}
    if inside:
        written["parts"] = inside
    if behind:
        behind.insert(0, {"text": f"From the result of {written['name']}:"})
    return {"functionResponse": written}, behind


def _said(text: str, *, error: bool) -> Json:
    """The `response` of a result: an object as it is, other text under the key that Google documents for it."""
    found = _object(text)
    if error:
        return {"error": text if found is None else found}
    return {"output": text} if found is None else found


def _attach(part: Media, out: Outgoing, inside: list[Json], behind: list[Json]) -> None:
    """Put a file into the result where the model takes it there, else behind the results."""
    if not out.allows("tool_result.image" if part.kind == "image" else "tool_result.document"):
        return
    written = media.written(part, own=out.own)
    blob = written.get("inlineData")
    takes = generation(out.model) == "3" and blob is not None and blob.get("mimeType") in SHOWN
    (inside if takes or out.own else behind).append(written)
