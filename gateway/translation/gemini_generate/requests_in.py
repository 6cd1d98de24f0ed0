"""A client's generateContent request as a conversation (https://ai.google.dev/api/generate-content)."""

from typing import Any, Final

from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.config_in import read_config, read_tool_config, read_tools
from gateway.translation.gemini_generate.contents_in import Contents
from gateway.translation.gemini_generate.words import LONGEST, NAME, members
from gateway.translation.values import needed, optional, typed, wrong

TOP: Final = frozenset(
    (
        "model",
        "stream",
        "contents",
        "systemInstruction",
        "generationConfig",
        "tools",
        "toolConfig",
        "safetySettings",
        "labels",
        "serviceTier",
        "store",
    )
)
TIERS: Final = {"standard": "default", "unspecified": "auto"}
"""Service tiers under their neutral names, where Google has others."""


def read_request(body: Json) -> Conversation:
    """The conversation of a request into which the caller has put `model` and `stream`; raises Refusal 400."""
    asked = members(body)
    if odd := next((name for name in asked if "." in name), ""):
        raise wrong(odd[:LONGEST], "is no member of a request.")
    contents = Contents()
    messages: list[Message] = []
    instruction = optional(asked, "systemInstruction", dict, "")
    if instruction is not None:
        messages.append(Message("system", contents.parts(members(instruction), "systemInstruction", [])))
    if asked.get("contents") is None:
        raise wrong("contents", "is missing: an array belongs here.")
    messages += contents.messages(asked["contents"])
    found = Conversation(
        NAME,
        needed(asked, "model", str, ""),
        messages,
        stream=optional(asked, "stream", bool, "") or False,
        include_usage=True,
        extras={name: asked[name] for name in asked.keys() - TOP},
    )
    read_config(members(optional(asked, "generationConfig", dict, "") or {}), found)
    read_tools(asked.get("tools"), found)
    read_tool_config(members(optional(asked, "toolConfig", dict, "") or {}), found)
    found.parameters.update(_parameters(asked))
    return found


def _parameters(asked: Json) -> dict[str, Any]:
    """What stands beside generationConfig; empty lists and objects ask for nothing."""
    labels = optional(asked, "labels", dict, "") or {}
    tier = optional(asked, "serviceTier", str, "")
    given = {
        "safety_settings": optional(asked, "safetySettings", list, "") or None,
        "metadata": {name: typed(value, str, f"labels.{name}") for name, value in labels.items()} or None,
        "service_tier": tier and TIERS.get(tier.lower(), tier.lower()),
        "store": optional(asked, "store", bool, ""),
    }
    return {name: value for name, value in given.items() if value is not None}
