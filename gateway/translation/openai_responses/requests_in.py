"""A client's request in the neutral form.

https://platform.openai.com/docs/api-reference/responses/create
"""

from typing import Any, Final

from gateway.conversation.parts import Text
from gateway.conversation.request import PARAMETERS, Conversation, Message
from gateway.translation.codec import Json
from gateway.translation.openai_responses.formats import read_format, read_reasoning
from gateway.translation.openai_responses.items import read_input
from gateway.translation.openai_responses.own import NAME, AllowedTools, ResponsesConversation
from gateway.translation.openai_responses.tools import allowed, read_choice, read_tools
from gateway.translation.values import optional, typed

FIELDS: Final = {
    "max_output_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_logprobs": "top_logprobs",
    "user": "user",
    "safety_identifier": "safety_identifier",
    "metadata": "metadata",
    "service_tier": "service_tier",
    "store": "store",
    "prompt_cache_key": "prompt_cache_key",
    "prompt_cache_retention": "prompt_cache_retention",
    "previous_response_id": "previous_response_id",
    "truncation": "truncation",
}
"""Neutral names by this dialect's."""

USUAL: Final[Json] = {"truncation": "disabled", "top_logprobs": 0, "metadata": {}, "background": False}
"""What happens anyway: as if it were absent."""

HINTS: Final = ("stream_options", "client_metadata", "prompt_cache_options")
"""Members that say how to send, log or cache, and nothing about the answer; the second is Codex's."""

READ: Final = frozenset(
    (
        *FIELDS,
        *HINTS,
        "model",
        "input",
        "instructions",
        "stream",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "text",
        "reasoning",
        "include",
    )
)

ENCRYPTED: Final = "reasoning.encrypted_content"
SHARED: Final = Conversation.__struct_fields__
LOGPROBS: Final = "message.output_text.logprobs"


def read_request(body: Json) -> Conversation:
    """The conversation that `body` asks for; raises Refusal 400 that names the place of what is wrong."""
    asked = ResponsesConversation(
        NAME,
        optional(body, "model", str, "") or "",
        messages=read_input(body.get("input")),
        stream=optional(body, "stream", bool, "") or False,
        include_usage=True,
        parallel=optional(body, "parallel_tool_calls", bool, ""),
        parameters=_parameters(body),
        extras={name: value for name, value in body.items() if name not in READ and not _is_usual(name, value)},
    )
    instructions = optional(body, "instructions", str, "")
    if instructions:
        asked.messages.insert(0, Message("system", [Text(instructions)]))
    _tools(body, asked)
    _forms(body, asked)
    _include(body, asked)
    for name in HINTS:
        if hint := optional(body, name, dict, ""):
            asked.hints[name] = hint
    return asked if asked.hints else _plain(asked)


def _plain(asked: ResponsesConversation) -> Conversation:
    """The same without a place for hints."""
    return Conversation(*[getattr(asked, name) for name in SHARED])


def _is_usual(name: str, value: object) -> bool:
    """Whether a member says nothing but what happens anyway."""
    return value is None or (name in USUAL and value == USUAL[name])


def _parameters(body: Json) -> dict[str, Any]:
    """All that has a neutral name."""
    found: dict[str, Any] = {}
    for name, neutral in FIELDS.items():
        value = body.get(name)
        kind = PARAMETERS[neutral]
        if value is not None:
            typed(value, float if isinstance(kind, tuple) else kind, name)
        if not _is_usual(name, value):
            found[neutral] = value
    return found


def _tools(body: Json, asked: Conversation) -> None:
    """Tools and the choice among them; the choice of a provider's own tool is an extra."""
    whole = optional(body, "tools", list, "") or []
    asked.tools, asked.native_tools = read_tools(whole)
    form = body.get("tool_choice")
    if form is None:
        return
    asked.choice = read_choice(form, whole)
    if asked.choice is None:
        asked.extras["tool_choice"] = form
    elif isinstance(asked.choice, AllowedTools):
        asked.tools, asked.native_tools = allowed(asked.choice, asked.tools, asked.native_tools)


def _forms(body: Json, asked: Conversation) -> None:
    """`text` and `reasoning`, of which unknown members are extras under their paths."""
    text = optional(body, "text", dict, "") or {}
    asked.format = read_format(text)
    verbosity = optional(text, "verbosity", str, "text")
    if verbosity is not None:
        asked.parameters["verbosity"] = verbosity
    reasoning = optional(body, "reasoning", dict, "") or {}
    asked.reasoning = read_reasoning(reasoning)
    known = {"text": ("format", "verbosity"), "reasoning": ("effort", "summary", "generate_summary")}
    for parent, members in (("text", text), ("reasoning", reasoning)):
        for name, value in members.items():
            if value is not None and name not in known[parent]:
                asked.extras[f"{parent}.{name}"] = value


def _include(body: Json, asked: ResponsesConversation) -> None:
    """What the answer shall have besides: log probabilities, encrypted thoughts (which need no wish), or an extra."""
    rest = []
    for number, name in enumerate(optional(body, "include", list, "") or ()):
        if typed(name, str, f"include[{number}]") == LOGPROBS:
            asked.parameters["logprobs"] = True
        elif name == ENCRYPTED:
            asked.hints["include"] = [name]
        else:
            rest.append(name)
    if rest:
        asked.extras["include"] = rest
