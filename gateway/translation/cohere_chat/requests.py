"""A conversation as the body of Cohere's v2 chat (https://docs.cohere.com/reference/chat)."""

from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation, Tool
from gateway.translation.asked import asked, restrict
from gateway.translation.codec import Json, Quirks, Written
from gateway.translation.cohere_chat.thoughts import plans, write_thinking
from gateway.translation.cohere_chat.turns import NAME, Turns

PARAMETERS: Final = {
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "p",
    "top_k": "k",
    "stop": "stop_sequences",
    "seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "logprobs": "logprobs",
}


def write_request(conversation: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """The request as Cohere's SDK would send it."""
    restrict(losses, quirks)
    turns = Turns(losses, plans=plans(conversation.model))
    for message in conversation.messages:
        turns.add(message)
    body: Json = {"model": conversation.model, "messages": turns.messages, "stream": conversation.stream}
    names = {**PARAMETERS, **({"max_tokens": quirks.limit} if quirks.limit else {}), **quirks.renames}
    body.update((names[name], value) for name, value in asked(conversation, losses) if name in names)
    _write_tools(body, conversation, losses)
    _write_format(body, conversation, losses)
    thinking = write_thinking(conversation.reasoning, losses) if conversation.reasoning is not None else {}
    if thinking:
        body["thinking"] = thinking
    if turns.documents:
        body["documents"] = turns.documents
    _write_extras(body, conversation, losses)
    return Written(body, "v2/chat")


def _write_tools(body: Json, conversation: Conversation, losses: Losses) -> None:
    """Functions and whether they must be used; `auto` is what Cohere does unasked."""
    tools = [_function(tool) for tool in conversation.tools if _takes(tool, losses)]
    if tools:
        body["tools"] = tools
    _write_strictness(body, conversation.tools, losses)
    for native in conversation.native_tools:
        losses.lose(native.name)
    choice = conversation.choice
    if choice is not None and losses.allows(f"tool_choice.{choice.mode}") and choice.mode in ("required", "none"):
        body["tool_choice"] = choice.mode.upper()
    if conversation.parallel is False and conversation.tools:
        losses.allows("parallel_tool_calls")


def _takes(tool: Tool, losses: Losses) -> bool:
    """Whether a tool can be written."""
    if tool.cache is not None:
        losses.allows("cache")
    return losses.allows("tools") if tool.custom is None else losses.allows("tools.custom")


def _function(tool: Tool) -> Json:
    """A function; one without a schema takes no arguments."""
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema or {"type": "object", "properties": {}}
    return {"type": "function", "function": function}


def _write_strictness(body: Json, tools: list[Tool], losses: Losses) -> None:
    """Hold all tools to their schemas, or none: Cohere knows no middle."""
    strict = [tool.strict is True for tool in tools]
    if not any(strict):
        return
    if not all(strict):
        losses.lose("tools.strict")
    elif losses.allows("tools.strict"):
        body["strict_tools"] = True


def _write_format(body: Json, conversation: Conversation, losses: Losses) -> None:
    """Ask for JSON, of a schema where there is one, which Cohere always enforces and has no name for."""
    form = conversation.format
    if form is None or not losses.allows(f"format.{form.kind}"):
        return
    if form.strict:
        losses.allows("format.strict")
    wanted: Json = {"type": "json_object"}
    if form.kind == "schema" and form.schema is not None:
        told = form.description and "description" not in form.schema
        wanted["json_schema"] = {"description": form.description, **form.schema} if told else form.schema
    body["response_format"] = wanted


def _write_extras(body: Json, conversation: Conversation, losses: Losses) -> None:
    """Write what only Cohere has (safety_mode, citation_options, …) for a client that speaks its dialect."""
    for name, value in conversation.extras.items():
        if conversation.dialect != NAME:
            losses.lose(name)
        elif isinstance(value, list) and isinstance(body.get(name), list):
            body[name] = [*body[name], *value]
        else:
            body[name] = value
