"""What a client hears through its SDK, in a form that is the same for all, and what it ought to hear."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from tests.compat.told import Call, Told, Voice


@dataclass
class Heard:
    """An answer as an SDK gives it: `usage` by the dialect's own names, `error` as class, status and message."""

    voices: list[Voice] = field(default_factory=list)
    usage: dict[str, int] | None = None
    error: tuple[str, int, str] | None = None


def arguments(text: str) -> Any:
    """Arguments as JSON; what is none, as it stands."""
    try:
        return json.loads(text) if text.strip() else {}
    except ValueError:
        return text


MADE = "made"
"""The id of a call where its provider gave none and a client must have one, whatever it is."""


def alike(heard: list[Call], want: list[Call]) -> bool:
    """Whether calls are the same, their arguments as JSON."""
    if len(heard) != len(want):
        return False
    for (id, *name, given), (wish, *wished, text) in zip(heard, want, strict=True):
        if name != wished or arguments(given) != arguments(text) or not (id if wish == MADE else id == wish):
            return False
    return len({one[0] for one in heard}) == len(heard) or not all(one[0] for one in want)


def differences(heard: Heard, want: Heard) -> list[str]:
    """In what an answer is not as it ought to be."""
    if (heard.error or want.error) and (heard.error or ())[:2] != (want.error or ())[:2]:
        return [f"error {heard.error} not {want.error}"]
    voices, found = heard.voices, []
    if heard.error and want.error:
        found = [] if heard.error == want.error else [f"message {heard.error[2]!r} not {want.error[2]!r}"]
        # Of what was said before an error only words are compared.
        voices = [replace(one, reason="", calls=[]) for one in voices if one.text or one.thinking]
    elif heard.usage != want.usage:
        found.append(f"usage {heard.usage} not {want.usage}")
    if len(voices) != len(want.voices):
        return [*found, f"{len(voices)} candidates not {len(want.voices)}"]
    return found + [odd for got, wish in zip(voices, want.voices, strict=True) for odd in unlike(got, wish)]


def unlike(got: Voice, wish: Voice) -> list[str]:
    """In what one candidate is not as it ought to be."""
    found = [
        f"{name} {getattr(got, name)!r:.300} not {getattr(wish, name)!r:.300}"
        for name in ("text", "refusal", "thinking", "reason")
        if getattr(got, name) != getattr(wish, name)
    ]
    return found if alike(got.calls, wish.calls) else [*found, f"calls {got.calls} not {wish.calls}"]


def known(counts: dict[str, Any]) -> dict[str, int]:
    """Counts without those that say nothing."""
    return {name: value for name, value in counts.items() if value}


def at(counts: dict[str, Any], path: str) -> Any:
    """A member of a member."""
    for step in path.split("."):
        counts = counts.get(step) if isinstance(counts, dict) else None  # type: ignore[assignment]
    return counts


def folded(voice: Voice) -> Voice:
    """For dialects in which words of refusal are words."""
    return replace(voice, text=voice.text + voice.refusal, refusal="")


OF_STATUS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
}


def failure(said: Told) -> str:
    """The class of exception that OpenAI's and Anthropic's SDKs have for a status."""
    return OF_STATUS.get(said.status, "InternalServerError")
