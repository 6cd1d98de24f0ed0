"""A conversation as the body of Converse or ConverseStream, and the path that names model and method."""

import re
from typing import Any, Final
from urllib.parse import quote

import msgspec

from gateway.conversation.losses import Losses
from gateway.conversation.parts import ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message, Tool
from gateway.translation.asked import asked, left_out, restrict
from gateway.translation.bedrock_converse.blocks import NAME, Blocks
from gateway.translation.bedrock_converse.families import Family, family_of
from gateway.translation.bedrock_converse.reasoning import write_reasoning
from gateway.translation.codec import Json, Quirks, Written

INFERENCE: Final = {"max_tokens": "maxTokens", "temperature": "temperature", "top_p": "topP", "stop": "stopSequences"}
TIERS: Final = {
    "default": "default",
    "standard": "default",
    "standard_only": "default",
    "flex": "flex",
    "priority": "priority",
    "reserved": "reserved",
}
PAIR: Final = re.compile(r"[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}")
"""What a key or a value of requestMetadata may be."""
PAIRS: Final = 16
MORE: Final = "additionalModelRequestFields"


def write_request(conversation: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """The request as botocore would send it: blobs are base64, and the model's id is encoded whole."""
    restrict(losses, quirks)
    family = family_of(conversation.model)
    blocks = Blocks(losses, family)
    system, messages = _turns(conversation, blocks, losses)
    body: Json = {"messages": messages}
    if system:
        body["system"] = system
    _write_parameters(body, conversation, family, losses)
    _write_thinking(body, conversation, family, losses)
    _write_format(body, conversation, losses)
    tools = _tools(conversation, blocks, losses)
    if tools is not None:
        body["toolConfig"] = tools
    if conversation.parallel is False and conversation.tools:
        losses.allows("parallel_tool_calls")
    _write_extras(body, conversation, losses)
    method = "converse-stream" if conversation.stream else "converse"
    return Written(body, f"model/{quote(conversation.model, safe='')}/{method}")


def _turns(conversation: Conversation, blocks: Blocks, losses: Losses) -> tuple[list[Json], list[Json]]:
    """The system prompt, and messages that alternate: neighbours of one role become one, tools' results the user's."""
    system: list[Json] = []
    messages: list[Json] = []
    begun = False
    for message in conversation.messages:
        if message.name:
            losses.allows("name")
        if message.role in ("system", "developer"):
            if _heard(message, losses, later=begun):
                system += blocks.system(message.parts)
            continue
        begun = True
        written = blocks.message(message.parts)
        role = "assistant" if message.role == "assistant" else "user"
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += written
        elif written:
            messages.append({"role": role, "content": written})
    return system, messages


def _heard(message: Message, losses: Losses, *, later: bool) -> bool:
    """Whether a system message is written."""
    return losses.allows(message.role) and (not later or losses.allows("system_later"))


def _write_parameters(body: Json, conversation: Conversation, family: Family, losses: Losses) -> None:
    """Put every parameter where Converse or the family has it."""
    inference: Json = {}
    for name, value in asked(conversation, losses):
        if name in INFERENCE:
            inference[INFERENCE[name]] = value
        elif name == "top_k":
            _write_top_k(body, family, value, losses)
        elif name == "service_tier":
            _write_tier(body, value, losses)
        elif name == "metadata":
            _write_metadata(body, value, losses)
    if inference:
        body["inferenceConfig"] = inference
    if inference.get("stopSequences") and family.claude:
        body["additionalModelResponseFieldPaths"] = ["/stop_sequence"]


def _write_top_k(body: Json, family: Family, value: int, losses: Losses) -> None:
    """Put top-k into the family's own fields."""
    if not family.top_k:
        losses.lose("top_k")
        return
    fields: Json = {family.top_k[-1]: value}
    for name in reversed(family.top_k[:-1]):
        fields = {name: fields}
    body[MORE] = fields


def _write_tier(body: Json, value: str, losses: Losses) -> None:
    """Ask for a service tier by Bedrock's word for it; `auto` leaves it to the provider, as silence does."""
    if value in TIERS:
        body["serviceTier"] = {"type": TIERS[value]}
    elif value != "auto":
        losses.lose("service_tier")


def _write_metadata(body: Json, value: dict[str, Any], losses: Losses) -> None:
    """Keep the pairs that requestMetadata can hold; it is for the invocation log, so the others are no loss."""
    fitting = {
        key: text
        for key, text in value.items()
        if key and PAIR.fullmatch(key) and isinstance(text, str) and PAIR.fullmatch(text)
    }
    kept = dict(list(fitting.items())[:PAIRS])
    if kept:
        body["requestMetadata"] = kept
    if len(kept) < len(value):
        left_out(losses, "metadata")


def _write_thinking(body: Json, conversation: Conversation, family: Family, losses: Losses) -> None:
    """Add how to think to the family's own fields, and the effort to Converse's."""
    fields, effort = write_reasoning(conversation, family, losses)
    if fields:
        body[MORE] = {**body.get(MORE, {}), **fields}
    if effort:
        body["outputConfig"] = {"effort": effort}


def _write_format(body: Json, conversation: Conversation, losses: Losses) -> None:
    """Ask for JSON of a schema, which Converse takes as text and always enforces."""
    form = conversation.format
    if form is None or not losses.allows(f"format.{form.kind}"):
        return
    if form.strict:
        losses.allows("format.strict")
    schema = msgspec.json.encode(form.schema or {}).decode()
    described = {"name": form.name, "description": form.description}
    definition = {"schema": schema, **{key: text for key, text in described.items() if text}}
    wanted = {"type": "json_schema", "structure": {"jsonSchema": definition}}
    body["outputConfig"] = {"textFormat": wanted, **body.get("outputConfig", {})}


def _tools(conversation: Conversation, blocks: Blocks, losses: Losses) -> Json | None:
    """toolConfig; None where no tool may or can be used."""
    choice = conversation.choice
    mode = choice.mode if choice is not None and losses.allows(f"tool_choice.{choice.mode}") else ""
    if mode == "none":
        if not (conversation.tools or conversation.native_tools) or not _used(conversation):
            return None
        # Bedrock refuses a history with calls in it where no tools are defined.
        losses.lose("tool_choice.none")
    tools = _listed(conversation, blocks, losses)
    if not tools:
        if mode in ("required", "named"):
            losses.lose(f"tool_choice.{mode}")
        return None
    forms: dict[str, Json] = {
        "auto": {"auto": {}},
        "required": {"any": {}},
        "named": {"tool": {"name": choice.name if choice is not None else ""}},
    }
    return {"tools": tools, "toolChoice": forms[mode]} if mode in forms else {"tools": tools}


def _used(conversation: Conversation) -> bool:
    """Whether tools were called before, or answered."""
    return any(isinstance(part, ToolUse | ToolResult) for message in conversation.messages for part in message.parts)


def _listed(conversation: Conversation, blocks: Blocks, losses: Losses) -> list[Json]:
    """Functions, then the tools that Bedrock runs itself."""
    tools: list[Json] = []
    for tool in conversation.tools:
        if tool.custom is not None:
            losses.allows("tools.custom")
        elif losses.allows("tools"):
            tools.append({"toolSpec": _function(tool, losses)})
            blocks.mark(tools, tool.cache, "tools")
    for native in conversation.native_tools:
        if native.dialect == NAME:
            tools.append(native.value)
        else:
            losses.lose(native.name)
    return tools


def _function(tool: Tool, losses: Losses) -> Json:
    """A function; one without a schema takes no arguments."""
    spec: Json = {"name": tool.name}
    if tool.description:
        spec["description"] = tool.description
    spec["inputSchema"] = {"json": tool.schema or {"type": "object", "properties": {}}}
    if tool.strict is not None and (not tool.strict or losses.allows("tools.strict")):
        spec["strict"] = tool.strict
    return spec


def _write_extras(body: Json, conversation: Conversation, losses: Losses) -> None:
    """Write what only Converse has (guardrailConfig, performanceConfig, …) for a client that speaks it."""
    for name, value in conversation.extras.items():
        if conversation.dialect != NAME:
            losses.lose(name)
        elif isinstance(value, dict) and isinstance(body.get(name), dict):
            body[name] = {**value, **body[name]}
        else:
            body[name] = value
