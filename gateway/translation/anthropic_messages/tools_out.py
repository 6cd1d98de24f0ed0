"""Tools, the choice among them, and the form of the answer, on their way out."""

from typing import Any, Final

from gateway.conversation.request import Choice, Conversation, Format, Tool
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.anthropic_messages.asked import NAME, cache_control, hints_of
from gateway.translation.codec import Json

DEEPEST: Final = 64
"""Levels of a schema that are looked through; a deeper one goes on as it is."""


def write_tools(body: Json, conversation: Conversation, account: Account) -> None:
    """Functions first, then the provider's own tools; another provider's are lost by their name."""
    tools: list[Any] = []
    hints = hints_of(conversation).get("tools", {})
    for tool in conversation.tools:
        if tool.custom is not None:
            account.takes("tools.custom")
        elif account.takes("tools"):
            tools.append({**_tool(tool, account), **hints.get(tool.name, {})})
    for native in conversation.native_tools:
        if native.dialect == NAME:
            tools.append(native.value)
        else:
            account.lose(native.name)
    if tools:
        body["tools"] = tools
    _write_choice(body, conversation, account)


def _tool(tool: Tool, account: Account) -> Json:
    """One function; a schema is needed, and its type is always object."""
    schema = tool.schema or {}
    written: Json = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    written["input_schema"] = schema if "type" in schema else {"type": "object", **schema}
    if tool.strict is not None and account.takes("tools.strict"):
        if tool.strict and not account.model.schema and not account.own:
            account.lose("tools.strict")
        else:
            written["strict"] = tool.strict
    if tool.cache is not None and account.takes("cache"):
        written["cache_control"] = cache_control(tool.cache)
    return written


TYPES: Final = {"auto": "auto", "none": "none", "required": "any", "named": "tool"}


def _write_choice(body: Json, conversation: Conversation, account: Account) -> None:
    """tool_choice, which also says whether several tools may be called at once."""
    choice, parallel = conversation.choice, conversation.parallel
    chosen: Json | None = None
    if choice is not None and account.takes(f"tool_choice.{choice.mode}") and _possible(body, choice, account):
        chosen = {"type": TYPES[choice.mode]}
        if choice.mode == "named":
            chosen["name"] = choice.name
    if parallel is not None and account.takes("parallel_tool_calls"):
        if chosen is None and not parallel:
            chosen = {"type": "auto"}
        if chosen is not None and chosen["type"] != "none":
            chosen["disable_parallel_tool_use"] = not parallel
    # Without tools nothing can be called, and Anthropic refuses a choice among none; forcing one is for it to judge.
    if chosen is not None and ("tools" in body or chosen["type"] in ("any", "tool") or account.own):
        body["tool_choice"] = chosen


def _possible(body: Json, choice: Choice, account: Account) -> bool:
    """Whether the model can be forced so; noted as lost if not."""
    if account.own or choice.mode in ("auto", "none"):
        return True
    free = account.model.forced and body.get("thinking", {}).get("type") != "enabled"
    if not free:
        account.lose(f"tool_choice.{choice.mode}")
    return free


def write_format(body: Json, asked: Format | None, account: Account) -> None:
    """The schema of the answer; whether it is to be enforced is not asked, for it always is."""
    if asked is None or not account.takes(f"format.{asked.kind}"):
        return
    if asked.strict is not None and not account.takes("format.strict"):
        return
    if account.own:
        schema = asked.schema or {}
    elif not account.model.schema or not account.quirks.json_schema:
        account.lose(f"format.{asked.kind}")
        return
    else:
        schema = closed(asked.schema or {"type": "object"})
        if asked.description:
            schema.setdefault("description", asked.description)
    body.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": schema}


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema whose objects allow no other properties, where it had not said: what fits it fits the schema given."""
    found: dict[str, Any] = _closed(schema, DEEPEST)
    return found


def _closed(value: Any, levels: int) -> Any:  # noqa: ANN401 - any JSON
    """`value` with every schema of an object in it closed, down to so many levels."""
    if levels == 0:
        return value
    if isinstance(value, list):
        return [_closed(one, levels - 1) for one in value]
    if not isinstance(value, dict):
        return value
    schema = {
        name: one if name in ("enum", "const", "default", "examples") else _closed(one, levels - 1)
        for name, one in value.items()
    }
    kind = schema.get("type")
    if kind == "object" or (isinstance(kind, list) and "object" in kind):
        schema.setdefault("additionalProperties", False)
    return schema
