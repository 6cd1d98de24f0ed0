"""What a client wants of the answer: tools, their use, its form, how much thought."""

from typing import Any, Final, cast, get_args

from gateway.conversation.parts import Native
from gateway.conversation.request import Choice, Effort, Format, Reasoning, Tool
from gateway.translation.codec import Json
from gateway.translation.openai_chat.contents_in import cache
from gateway.translation.openai_chat.natives import native
from gateway.translation.values import needed, optional, typed, wrong

EFFORTS: Final[tuple[str, ...]] = get_args(Effort)

CHOICES: Final = {
    "auto": Choice("auto"),
    "none": Choice("none"),
    "required": Choice("required"),
    "any": Choice("required"),
}
"""`any` is Mistral's word for it."""


def tools(items: list[object], where: str) -> tuple[list[Tool], list[Native]]:
    """Functions and free-text tools, and the provider's own."""
    known: list[Tool] = []
    others: list[Native] = []
    for at, item in enumerate(items):
        place = f"{where}[{at}]"
        holder = typed(item, dict, place)
        kind = optional(holder, "type", str, place) or "function"
        if kind == "function":
            found = function(needed(holder, "function", dict, place), f"{place}.function")
        elif kind == "custom":
            found = custom(needed(holder, "custom", dict, place), f"{place}.custom")
        else:
            others.append(native(kind, holder))
            continue
        found.cache = cache(holder, place)
        known.append(found)
    return known, others


def functions(items: list[object]) -> list[Tool]:
    """The tools of a client from before there were tools."""
    return [function(typed(item, dict, f"functions[{at}]"), f"functions[{at}]") for at, item in enumerate(items)]


def function(item: Json, where: str) -> Tool:
    """A function."""
    return Tool(
        needed(item, "name", str, where),
        optional(item, "description", str, where) or "",
        optional(item, "parameters", dict, where),
        optional(item, "strict", bool, where),
    )


def custom(item: Json, where: str) -> Tool:
    """A tool that takes free text, of a grammar where its `format` says so."""
    name, description = needed(item, "name", str, where), optional(item, "description", str, where) or ""
    return Tool(name, description, custom=optional(item, "format", dict, where) or True)


def choice(value: object, where: str) -> Choice | None:
    """Which tool must be used; None where it is of a form that only this dialect knows (`allowed_tools`)."""
    if isinstance(value, str):
        found = CHOICES.get(value)
        if found is None:
            raise wrong(where, "must be auto, none, required, or an object that names a tool.")
        return found
    holder = typed(value, dict, where)
    for kind in ("function", "custom"):
        inside = optional(holder, kind, dict, where)
        if inside is not None:
            return Choice("named", needed(inside, "name", str, f"{where}.{kind}"))
    name = optional(holder, "name", str, where)
    return Choice("named", name) if name else None


def form(value: object) -> Format | None:
    """The form of the answer; None for a form that only one provider knows (a grammar, a regular expression)."""
    holder = typed(value, dict, "response_format")
    kind = needed(holder, "type", str, "response_format")
    if kind == "json_object":
        return Format("json")
    if kind != "json_schema":
        return None
    place = "response_format.json_schema"
    inside = needed(holder, "json_schema", dict, "response_format")
    return Format(
        "schema",
        optional(inside, "schema", dict, place),
        optional(inside, "name", str, place) or "",
        optional(inside, "description", str, place) or "",
        optional(inside, "strict", bool, place),
    )


def effort(value: object, where: str) -> Effort:
    """How hard to think; raises Refusal 400 for a word that is none."""
    word = typed(value, str, where)
    if word not in EFFORTS:
        raise wrong(where, f"must be one of {', '.join(EFFORTS)}.")
    return cast(Effort, word)


def reasoning(left: Json) -> Reasoning | None:
    """How much to think, in any of the ways clients ask for it; takes out of `left` what it read."""
    found: dict[str, Any] = {}
    for name, read in WAYS.items():
        value = left.pop(name, None)
        if value is not None:
            found |= read(value, left)
    return Reasoning(**found) if found else None


def _object(value: object, left: Json) -> Json:
    """OpenRouter's `reasoning`; an `enabled` alone leaves the effort to the model."""
    holder = dict(typed(value, dict, "reasoning"))
    found: Json = {}
    on = optional(holder, "enabled", bool, "reasoning")
    if on is not None:
        found |= {"adaptive": True} if on else {"effort": "none"}
    word = holder.get("effort")
    if word is not None:
        found |= {"effort": effort(word, "reasoning.effort"), "adaptive": False}
    budget = optional(holder, "max_tokens", int, "reasoning")
    if budget is not None:
        found |= {"budget": budget, "adaptive": False}
    hidden = optional(holder, "exclude", bool, "reasoning")
    if hidden is not None:
        found["show"] = not hidden
    if holder.get("summary") is not None:
        found["show"] = True
    _rest(holder, ("enabled", "effort", "max_tokens", "exclude", "summary"), "reasoning", left)
    return found


def _thinking(value: object, left: Json) -> Json:
    """`thinking: {type, budget_tokens}`, as DeepSeek, Z.ai and Anthropic's compatible endpoints have it."""
    holder = typed(value, dict, "thinking")
    kind = needed(holder, "type", str, "thinking")
    budget = optional(holder, "budget_tokens", int, "thinking")
    _rest(holder, ("type", "budget_tokens"), "thinking", left)
    if kind == "disabled":
        return {"effort": "none"}
    return {"adaptive": True} if budget is None else {"budget": budget}


def _rest(holder: Json, known: tuple[str, ...], name: str, left: Json) -> None:
    """Leave members that are not known among the extras, by their path."""
    left |= {f"{name}.{key}": value for key, value in holder.items() if key not in known and value is not None}


def _switch(value: object, _: Json) -> Json:
    """Alibaba's `enable_thinking`."""
    return {"adaptive": True} if typed(value, bool, "enable_thinking") else {"effort": "none"}


def _budget(value: object, _: Json) -> Json:
    """Alibaba's `thinking_budget`."""
    return {"budget": typed(value, int, "thinking_budget"), "adaptive": False}


def _shown(value: object, _: Json) -> Json:
    """`include_reasoning`, as OpenRouter and Groq have it."""
    return {"show": typed(value, bool, "include_reasoning")}


def _effort(value: object, _: Json) -> Json:
    """OpenAI's word, which is the last to be read, and wins; Groq's `default` leaves it to the model."""
    if value == "default":
        return {"adaptive": True}
    return {"effort": effort(value, "reasoning_effort"), "adaptive": False}


WAYS: Final = {
    "enable_thinking": _switch,
    "thinking_budget": _budget,
    "thinking": _thinking,
    "reasoning": _object,
    "include_reasoning": _shown,
    "reasoning_effort": _effort,
}
