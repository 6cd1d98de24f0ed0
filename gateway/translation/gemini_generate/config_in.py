"""A client's generationConfig, tools and toolConfig in neutral words."""

from typing import Any, Final

from gateway.conversation.parts import Native
from gateway.conversation.request import Choice, Conversation, Effort, Format, Reasoning, Tool
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.schemas import json_schema
from gateway.translation.gemini_generate.words import NAME, AnyOf, chosen, listed, members
from gateway.translation.values import needed, optional, typed

PARAMETERS: Final[dict[str, tuple[str, type[Any]]]] = {
    "maxOutputTokens": ("max_tokens", int),
    "temperature": ("temperature", float),
    "topP": ("top_p", float),
    "topK": ("top_k", int),
    "stopSequences": ("stop", list),
    "seed": ("seed", int),
    "candidateCount": ("n", int),
    "frequencyPenalty": ("frequency_penalty", float),
    "presencePenalty": ("presence_penalty", float),
    "responseLogprobs": ("logprobs", bool),
    "logprobs": ("top_logprobs", int),
    "responseModalities": ("modalities", list),
}
"""Members of generationConfig by their neutral name."""

LEVELS: Final[dict[str, Effort | None]] = {
    "THINKING_LEVEL_UNSPECIFIED": None,
    "MINIMAL": "minimal",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "xhigh",
}
MODES: Final[dict[str, str]] = {
    "MODE_UNSPECIFIED": "",
    "AUTO": "auto",
    "ANY": "required",
    "NONE": "none",
    "VALIDATED": "validated",
}
DECLARED: Final = frozenset(("name", "description", "parameters", "parametersJsonSchema"))
FORMATS: Final = frozenset(("responseMimeType", "responseSchema", "responseJsonSchema"))
THOUGHT: Final = frozenset(("includeThoughts", "thinkingBudget", "thinkingLevel"))
CALLING: Final = frozenset(("mode", "allowedFunctionNames"))


def read_config(config: Json, found: Conversation) -> None:
    """Put generationConfig into the conversation; raises Refusal 400."""
    place = "generationConfig"
    for name, value in config.items():
        if name in PARAMETERS:
            neutral, kind = PARAMETERS[name]
            if value is not None:
                found.parameters[neutral] = _parameter(value, kind, f"{place}.{name}")
        elif name not in FORMATS and name != "thinkingConfig":
            found.extras[f"{place}.{name}"] = value
    if (modalities := found.parameters.get("modalities")) is not None:
        found.parameters["modalities"] = [one.lower() for one in modalities]
    found.format = _format(config, found.extras, place)
    found.reasoning = _reasoning(members(optional(config, "thinkingConfig", dict, place) or {}), found.extras)


def _parameter(value: object, kind: type[Any], place: str) -> object:
    """A parameter of its type: a number that is whole is an integer to Google, and each list here is one of words."""
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    checked = typed(value, kind, place)
    if isinstance(checked, list):
        return [typed(one, str, f"{place}[{number}]") for number, one in enumerate(checked)]
    return checked


def _format(config: Json, extras: Json, place: str) -> Format | None:
    """The form of the answer; one that is neither text nor JSON (`text/x.enum`) is left as it is."""
    mime = optional(config, "responseMimeType", str, place)
    if mime not in (None, "", "text/plain", "application/json"):
        extras.update({f"{place}.{name}": config[name] for name in FORMATS & config.keys()})
        return None
    standard = optional(config, "responseJsonSchema", dict, place)
    if standard is not None:
        return Format("schema", standard)
    google = optional(config, "responseSchema", dict, place)
    if google is not None:
        return Format("schema", json_schema(google, f"{place}.responseSchema"))
    return Format("json") if mime == "application/json" else None


def _reasoning(config: Json, extras: Json) -> Reasoning | None:
    """How to think; None where nothing is said of it."""
    place = "generationConfig.thinkingConfig"
    extras.update({f"{place}.{name}": config[name] for name in config.keys() - THOUGHT})
    effort = chosen(config, "thinkingLevel", LEVELS, place)
    budget = optional(config, "thinkingBudget", int, place)
    show = optional(config, "includeThoughts", bool, place)
    if effort is None and budget is None and show is None:
        return None
    return Reasoning(effort=effort, budget=budget, show=show)  # type: ignore[arg-type]  # LEVELS holds efforts


def read_tools(tools: object, found: Conversation) -> None:
    """Functions, and Google's own tools, each by its name; raises Refusal 400."""
    for number, tool in enumerate(listed(tools, "tools")):
        for name, value in tool.items():
            if name != "functionDeclarations":
                found.native_tools.append(Native(NAME, name, value))
                continue
            place = f"tools[{number}].functionDeclarations"
            for one, function in enumerate(listed(value, place)):
                found.tools.append(_function(function, found.extras, f"{place}[{one}]"))


def _function(function: Json, extras: Json, place: str) -> Tool:
    """A function; what more is said of it stands among the extras, by the function's name."""
    name = needed(function, "name", str, place)
    schema = optional(function, "parametersJsonSchema", dict, place)
    google = optional(function, "parameters", dict, place)
    if schema is None and google is not None:
        schema = json_schema(google, f"{place}.parameters")
    for member in function.keys() - DECLARED:
        extras.setdefault(f"tools.functionDeclarations.{member}", {})[name] = function[member]
    return Tool(name, optional(function, "description", str, place) or "", schema)


def read_tool_config(config: Json, found: Conversation) -> None:
    """Which tool to use; raises Refusal 400. VALIDATED is `auto` with functions that are strict."""
    extras = found.extras
    extras.update({f"toolConfig.{name}": config[name] for name in config.keys() - {"functionCallingConfig"}})
    place = "toolConfig.functionCallingConfig"
    calling = members(optional(config, "functionCallingConfig", dict, "toolConfig") or {})
    extras.update({f"{place}.{name}": calling[name] for name in calling.keys() - CALLING})
    names = [
        typed(one, str, f"{place}.allowedFunctionNames[{number}]")
        for number, one in enumerate(optional(calling, "allowedFunctionNames", list, place) or ())
    ]
    mode = chosen(calling, "mode", MODES, place)
    if mode == "required" and len(names) == 1:
        found.choice = Choice("named", names[0])
        return
    listed = {tool.name for tool in found.tools}
    if mode == "required" and listed and listed <= set(names):
        found.choice = AnyOf(mode, names=tuple(names))
        return
    if names:
        extras[f"{place}.allowedFunctionNames"] = names
    if mode == "validated":
        _validated(found, f"{place}.mode")
    elif mode:
        found.choice = Choice(mode)  # type: ignore[arg-type]  # MODES holds Choice's modes


def _validated(found: Conversation, place: str) -> None:
    """Hold every function to its schema; without functions the word alone is kept."""
    if not found.tools:
        found.extras[place] = "VALIDATED"
        return
    found.choice = Choice("auto")
    for tool in found.tools:
        tool.strict = True
