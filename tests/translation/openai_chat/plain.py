"""A second reading of recorded JSON, as plain as can be, to compare with what the codec found."""

import json

from gateway.wire.sse import Splitter


def stream(body):
    """Decoded chunks up to `[DONE]`."""
    found = []
    for event in Splitter().feed(body):
        if event.text.strip() == b"[DONE]":
            break
        found.append(json.loads(event.text))
    return found


def words(value, kind):
    """Text of a content that may be a string or a list of chunks; `kind` is text or thinking."""
    if isinstance(value, str):
        return value if kind == "text" else ""
    found = ""
    for item in value or []:
        if item.get("type") == kind:
            inner = item[kind]
            found += inner if isinstance(inner, str) else "".join(one.get("text", "") for one in inner)
    return found


def thoughts(message):
    """Thoughts: those of the details if they have words, else of the plain members, and Mistral's."""
    details = message.get("reasoning_details") or []
    detailed = "".join(item.get("text") or item.get("summary") or "" for item in details)
    plain = message.get("reasoning_content") or message.get("reasoning") or ""
    return (detailed or plain) + words(message.get("content"), "thinking")


def proofs(message):
    """Signatures and encrypted thoughts."""
    return [
        item.get("data") or item.get("signature")
        for item in message.get("reasoning_details") or []
        if item.get("data") or item.get("signature")
    ]


def calls(message):
    """Name, arguments and id of every call of a whole message."""
    return [
        (call["function"]["name"], call["function"]["arguments"], call["id"])
        for call in message.get("tool_calls") or []
    ]


def streamed_calls(deltas):
    """The calls of a stream, by index (in the recorded streams every provider numbers them rightly)."""
    found = {}
    for delta in deltas:
        for call in delta.get("tool_calls") or []:
            key = call.get("index")
            if call.get("id") and found.get(key, ("", "", call["id"]))[2] != call["id"]:
                found[len(found) + 1000] = found.pop(key)
            name, arguments, ident = found.get(key, ("", "", ""))
            function = call.get("function") or {}
            found[key] = (
                name or function.get("name") or "",
                arguments + (function.get("arguments") or ""),
                ident or call.get("id") or "",
            )
    return list(found.values())


def within(usage):
    """Whether reasoning is counted within the tokens out."""
    return (usage.get("completion_tokens_details") or {}).get("reasoning_tokens", 0) <= usage["completion_tokens"]


def tokens(usage):
    """Tokens in and out, where the provider counts reasoning within them."""
    return usage["prompt_tokens"], usage["completion_tokens"]
