"""Log probabilities, which are a text's here and a candidate's in the neutral form."""

from collections.abc import Sequence
from typing import Any

from gateway.translation.codec import Json
from gateway.translation.values import soft


def neutral(entries: list[Any]) -> Json:
    """The neutral form of a list of tokens."""
    return {"content": entries, "refusal": None}


def entries_of(value: object) -> list[Json]:
    """The tokens of a neutral value, each with all members that the SDK's types want."""
    content = value.get("content") if isinstance(value, dict) else None
    found = content if isinstance(content, list) else ()
    return [_entry(one) for one in found if isinstance(one, dict)]


def _entry(token: Json) -> Json:
    """One token with its bytes and, where it is no alternative itself, its alternatives."""
    said = _alternative(token)
    tops = token.get("top_logprobs")
    found = tops if isinstance(tops, list) else ()
    return {**said, "top_logprobs": [_alternative(one) for one in found if isinstance(one, dict)]}


def _alternative(token: Json) -> Json:
    """A token, its probability and its bytes, which are UTF-8's where the provider did not say."""
    text = soft(token.get("token"), str, "")
    given = token.get("bytes")
    return {
        "token": text,
        "bytes": given if isinstance(given, list) else list(text.encode("utf-8", "replace")),
        "logprob": token.get("logprob", 0),
    }


def shared_out(entries: list[Json], texts: Sequence[str]) -> list[list[Json]]:
    """The tokens for each of the texts, by their lengths; the last text gets the rest."""
    shares: list[list[Json]] = []
    at = 0
    for text in texts[:-1]:
        begin, length = at, 0
        while at < len(entries) and length < len(text):
            length += len(entries[at]["token"])
            at += 1
        shares.append(entries[begin:at])
    if texts:
        shares.append(entries[at:])
    return shares
