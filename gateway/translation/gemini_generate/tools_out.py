"""Tools and the choice among them."""

from typing import Final

from gateway.conversation.request import Choice, Conversation, Tool
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.models import generation
from gateway.translation.gemini_generate.outgoing import Outgoing
from gateway.translation.gemini_generate.words import NAME, AnyOf

DECLARED: Final = "tools.functionDeclarations."
"""Begins the names of extras that are members of functions, each an object by the function's name."""

MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY", "named": "ANY"}


def write_tools(asked: Conversation, out: Outgoing) -> list[Json]:
    """Google's own tools, then the functions."""
    written: list[Json] = []
    for native in asked.native_tools:
        if native.dialect == NAME:
            written.append({native.name: native.value})
        else:
            out.losses.lose(native.name)
    search = asked.parameters.get("web_search_options")
    if search is not None and out.allows("web_search_options"):
        if search.get("user_location"):
            out.losses.lose("web_search_options.user_location")
        written.append({"googleSearch": {}})
    functions = [_function(tool, asked, out) for tool in asked.tools if _allowed(tool, out)]
    if functions:
        written.append({"functionDeclarations": functions})
    return written


def _allowed(tool: Tool, out: Outgoing) -> bool:
    """Whether a tool is a function; its marks are accounted for."""
    if tool.cache is not None:
        out.allows("cache")
    return out.allows("tools.custom" if tool.custom is not None else "tools")


def _function(tool: Tool, asked: Conversation, out: Outgoing) -> Json:
    """A declaration, with what a client of this dialect said besides."""
    written: Json = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    if tool.schema is not None:
        written["parametersJsonSchema"] = tool.schema
    if out.own:
        for path, named in asked.extras.items():
            if path.startswith(DECLARED) and tool.name in named:
                written[path.removeprefix(DECLARED)] = named[tool.name]
    return written


def write_tool_config(asked: Conversation, out: Outgoing) -> Json:
    """The toolConfig; empty where nothing is asked."""
    if asked.parallel is False and asked.tools:
        out.allows("parallel_tool_calls")
    # Google refuses a word on functions where there are none; forcing one is for it to judge.
    idle = not asked.tools and asked.choice is not None and asked.choice.mode in ("auto", "none")
    calling = _choice(asked.choice, out) if asked.choice is not None and not (idle and not out.own) else {}
    strict = any(tool.strict for tool in asked.tools) and out.allows("tools.strict")
    # ANY holds functions to their schemas by itself.
    if strict and calling.get("mode", "AUTO") == "AUTO":
        calling.update(_validated(out))
    return {"functionCallingConfig": calling} if calling else {}


def _choice(choice: Choice, out: Outgoing) -> Json:
    """The mode, and the one function that must be called."""
    if not out.allows(f"tool_choice.{choice.mode}"):
        return {}
    named = {"allowedFunctionNames": [choice.name]} if choice.mode == "named" else {}
    if out.own and isinstance(choice, AnyOf):
        named = {"allowedFunctionNames": list(choice.names)}
    return {"mode": MODES[choice.mode], **named}


def _validated(out: Outgoing) -> Json:
    """The mode that holds functions to their schemas; Google has it since 2.5."""
    if generation(out.model) == "old" and not out.own:
        out.losses.lose("tools.strict")
        return {}
    return {"mode": "VALIDATED"}
