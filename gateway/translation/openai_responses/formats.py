"""`text` and `reasoning`: the form of an answer and the thinking before it, read and written."""

from typing import Final, get_args

from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation, Effort, Format, Reasoning
from gateway.translation.asked import thinking
from gateway.translation.codec import Json, Quirks
from gateway.translation.openai_responses.own import SummedUp
from gateway.translation.values import needed, optional, wrong

EFFORTS: Final[tuple[Effort, ...]] = get_args(Effort)

BUDGETS: Final[tuple[tuple[int, Effort], ...]] = ((0, "none"), (2048, "low"), (8192, "medium"))
"""Up to how many tokens of thinking each effort stands for; more is `high`, and below 0 the model decides."""

NAMELESS: Final = "answer"
"""The name of a schema to which the client gave none."""


def read_format(text: Json) -> Format | None:
    """`text.format`; plain text is as if it were absent. Raises Refusal 400."""
    form = optional(text, "format", dict, "text")
    if form is None:
        return None
    kind = needed(form, "type", str, "text.format")
    if kind == "text":
        return None
    if kind == "json_object":
        return Format("json")
    if kind != "json_schema":
        raise wrong("text.format.type", "must be text, json_object or json_schema.")
    return Format(
        "schema",
        needed(form, "schema", dict, "text.format"),
        optional(form, "name", str, "text.format") or "",
        optional(form, "description", str, "text.format") or "",
        optional(form, "strict", bool, "text.format"),
    )


def read_reasoning(reasoning: Json) -> Reasoning | None:
    """`reasoning`; None where it says nothing. Raises Refusal 400."""
    effort = optional(reasoning, "effort", str, "reasoning")
    if effort is not None and effort not in EFFORTS:
        raise wrong("reasoning.effort", f"must be one of {', '.join(EFFORTS)}.")
    summary = optional(reasoning, "summary", str, "reasoning")
    summary = summary or optional(reasoning, "generate_summary", str, "reasoning")
    if effort is None and not summary:
        return None
    if summary in (None, "", "auto"):
        return Reasoning(effort, show=True if summary else None)
    return SummedUp(effort, show=True, summary=summary or "")


def text_of(conversation: Conversation, losses: Losses, quirks: Quirks) -> Json:
    """`text` without verbosity; empty where the client asked for nothing."""
    form = conversation.format
    if form is None or not losses.allows(f"format.{form.kind}"):
        return {}
    if form.kind == "schema" and not quirks.json_schema:
        losses.lose("format.schema")
        return {}
    strict = form.strict
    if strict and not losses.allows("format.strict"):
        strict = False
    return {"format": write_format(form, strict)}


def write_format(form: Format, strict: bool | None) -> Json:
    """One format; `strict` is left out where it is None."""
    if form.kind == "json":
        return {"type": "json_object"}
    written: Json = {"type": "json_schema", "name": form.name or NAMELESS, "schema": form.schema or {}}
    if form.description:
        written["description"] = form.description
    if strict is not None:
        written["strict"] = strict
    return written


def reasoning_of(conversation: Conversation, losses: Losses, quirks: Quirks) -> Json:
    """`reasoning` for a provider; empty where the client asked for nothing, or the provider takes nothing."""
    wish = thinking(conversation)
    if wish is None:
        return {}
    asked = {
        "reasoning.effort": wish.effort is not None,
        "reasoning.budget": wish.budget is not None,
        "reasoning.adaptive": wish.adaptive,
        "reasoning.show": wish.show is not None,
    }
    if quirks.reasoning == "none":
        for name, given in asked.items():
            if given:
                losses.lose(name)
        return {}
    granted = {name for name, given in asked.items() if given and losses.allows(name)}
    return write_reasoning(wish, granted)


def write_reasoning(wish: Reasoning, granted: set[str]) -> Json:
    """`reasoning` with those of its features that are `granted`."""
    written: Json = {}
    if wish.effort is not None and "reasoning.effort" in granted:
        written["effort"] = wish.effort
    elif wish.budget is not None and wish.budget >= 0 and "reasoning.budget" in granted:
        written["effort"] = next((effort for most, effort in BUDGETS if (wish.budget or 0) <= most), "high")
    if wish.show and "reasoning.show" in granted:
        written["summary"] = wish.summary if isinstance(wish, SummedUp) else "auto"
    return written
