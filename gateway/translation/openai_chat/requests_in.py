"""A client's request."""

from typing import Final

from gateway.conversation.request import PARAMETERS, Choice, Conversation
from gateway.translation.codec import Json
from gateway.translation.openai_chat import wishes_in
from gateway.translation.openai_chat.messages_in import messages
from gateway.translation.openai_chat.natives import DIALECT
from gateway.translation.values import needed, optional, typed, wrong

OTHERS: Final = frozenset(("max_tokens", "stop", "previous_response_id", "truncation", "safety_settings"))
"""Parameters that are read apart, or are not of this dialect."""

PLAIN: Final = {
    name: (float if isinstance(kind, tuple) else kind) for name, kind in PARAMETERS.items() if name not in OTHERS
}


class LegacyConversation(Conversation):
    """The request of a client that knows functions and no tools: its answer has `function_call`."""


def read_request(body: Json) -> Conversation:
    """A chat completion request; raises Refusal 400 that names the place of what is not of its form."""
    left = {name: value for name, value in body.items() if value is not None}
    legacy = "functions" in left and "tools" not in left
    conversation = (LegacyConversation if legacy else Conversation)(
        DIALECT,
        optional(left, "model", str, "") or "",
        messages(needed(left, "messages", list, "")),
        stream=optional(left, "stream", bool, "") or False,
        parallel=optional(left, "parallel_tool_calls", bool, ""),
    )
    for name in ("model", "messages", "stream", "parallel_tool_calls"):
        left.pop(name, None)
    _streaming(conversation, left)
    _tools(conversation, left)
    _form(conversation, left)
    conversation.reasoning = wishes_in.reasoning(left)
    conversation.parameters = parameters(left)
    conversation.extras = left
    return conversation


def _streaming(conversation: Conversation, left: Json) -> None:
    """Whether the stream shall say its usage; obfuscation is a matter of the provider's stream, which is not passed."""
    options = dict(typed(left.pop("stream_options", {}), dict, "stream_options"))
    options.pop("include_obfuscation", None)
    conversation.include_usage = optional(options, "include_usage", bool, "stream_options") or False
    options.pop("include_usage", None)
    left |= {f"stream_options.{name}": value for name, value in options.items() if value is not None}
    if left.get("usage") == {"include": True}:
        # OpenRouter's way of asking.
        conversation.include_usage = True
        del left["usage"]


def _tools(conversation: Conversation, left: Json) -> None:
    """Tools and functions, and whether they must be used."""
    items = typed(left.pop("tools", []), list, "tools")
    conversation.tools, conversation.native_tools = wishes_in.tools(items, "tools")
    conversation.tools += wishes_in.functions(typed(left.pop("functions", []), list, "functions"))
    asked = left.pop("function_call", None)
    if isinstance(asked, dict):
        conversation.choice = Choice("named", needed(asked, "name", str, "function_call"))
    elif asked is not None:
        conversation.choice = wishes_in.choice(asked, "function_call")
    if "tool_choice" in left:
        conversation.choice = wishes_in.choice(left["tool_choice"], "tool_choice")
        if conversation.choice is not None:
            del left["tool_choice"]


def _form(conversation: Conversation, left: Json) -> None:
    """The form of the answer; `text` is no wish, and an unknown one stays among the extras."""
    if "response_format" in left:
        conversation.format = wishes_in.form(left["response_format"])
        if conversation.format is not None or left["response_format"]["type"] == "text":
            del left["response_format"]


def parameters(left: Json) -> Json:
    """Parameters under their neutral names; takes out of `left` what it read."""
    found: Json = {}
    limit = _limit(left)
    if limit is not None:
        found["max_tokens"] = limit
    stop = left.pop("stop", None)
    if stop is not None:
        found["stop"] = strings([stop] if isinstance(stop, str) else stop, "stop")
    for name, kind in PLAIN.items():
        if name in left:
            found[name] = typed(left.pop(name), kind, name)
    if "random_seed" in left and "seed" not in found:
        # Mistral's name.
        found["seed"] = typed(left.pop("random_seed"), int, "random_seed")
    if "modalities" in found:
        strings(found["modalities"], "modalities")
    return found


def _limit(left: Json) -> int | None:
    """The limit of the answer; its old and its new name may not contradict one another."""
    old = optional(left, "max_tokens", int, "")
    new = optional(left, "max_completion_tokens", int, "")
    left.pop("max_tokens", None)
    left.pop("max_completion_tokens", None)
    if old is not None and new is not None and old != new:
        raise wrong("max_tokens", f"says {old}, and max_completion_tokens says {new}: leave one of them out.")
    return old if new is None else new


def strings(value: object, where: str) -> list[str]:
    """A list of strings; raises Refusal 400."""
    items = typed(value, list, where)
    return [typed(item, str, f"{where}[{at}]") for at, item in enumerate(items)]
