"""Plain parameters on their way out."""

from collections.abc import Callable
from typing import Any, Final

from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.codec import Json

NAMES: Final = {
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop": "stop_sequences",
}
"""Neutral names and ours, of what is written as it is."""

TIERS: Final = {"auto": "auto", "default": "standard_only"}


def write_parameters(body: Json, conversation: Conversation, account: Account) -> None:
    """Put every parameter into the body; thinking is there already, for it decides what may be sampled."""
    # In the order of their names: what top_p may be depends on the temperature that is written.
    for name, value in sorted(account.asked(conversation)):
        if name in WRITES:
            WRITES[name](body, value, account)
        elif _fits(name, value, body, account):
            body[account.quirks.renames.get(name, NAMES.get(name, name))] = value
    if account.quirks.limit and "max_tokens" in body:
        body[account.quirks.limit] = body.pop("max_tokens")


def _fits(name: str, value: Any, body: Json, account: Account) -> bool:  # noqa: ANN401 - of the parameter's type
    """Whether the model takes this value; False where it need not be written, or is noted as lost."""
    if account.own or name not in CHECKS:
        return True
    if value == 1 and name in ("temperature", "top_p"):
        # The default, which some models do not even take when it is written.
        return False
    allowed = CHECKS[name](value, body, account)
    if not allowed:
        account.lose(name)
    return allowed


def _thinks(body: Json) -> bool:
    """Whether thinking is asked for."""
    return body.get("thinking", {}).get("type") in ("enabled", "adaptive")


def _temperature(value: float, body: Json, account: Account) -> bool:
    """0 to 1, and not while the model thinks."""
    return 0 <= value <= 1 and account.model.samplers > 0 and not _thinks(body)


def _top_p(value: float, body: Json, account: Account) -> bool:
    """Not beside a temperature for models that take one of the two; while thinking only at least 0.95."""
    room = account.model.samplers - ("temperature" in body)
    return room > 0 and (not _thinks(body) or value >= 0.95)


def _top_k(value: int, body: Json, account: Account) -> bool:
    """Not while the model thinks."""
    return value >= 0 and account.model.samplers > 0 and not _thinks(body)


def _stop(value: list[str], body: Json, account: Account) -> bool:
    """None that is only blanks, which Anthropic refuses."""
    return all(one.strip() for one in value)


CHECKS: Final[dict[str, Callable[[Any, Json, Account], bool]]] = {
    "temperature": _temperature,
    "top_p": _top_p,
    "top_k": _top_k,
    "stop": _stop,
}


def _metadata(body: Json, value: Any, account: Account) -> None:  # noqa: ANN401 - of the parameter's type
    """What a Messages client's metadata holds beside the user; that of others is a hint."""
    body["metadata"] = {**value, **body.get("metadata", {})}


def _user(body: Json, value: Any, account: Account) -> None:  # noqa: ANN401 - of the parameter's type
    """The end user, to whom Anthropic ties what it finds of abuse."""
    body.setdefault("metadata", {})["user_id"] = value


def _safety_identifier(body: Json, value: Any, account: Account) -> None:  # noqa: ANN401
    """The same, in the newer word of another dialect; `user` counts more."""
    body.setdefault("metadata", {}).setdefault("user_id", value)


def _tier(body: Json, value: Any, account: Account) -> None:  # noqa: ANN401
    """Two words; others only from a client of this dialect."""
    if value in TIERS or account.own:
        body["service_tier"] = TIERS.get(value, value)
    else:
        account.lose("service_tier")


WRITES: Final[dict[str, Callable[[Json, Any, Account], None]]] = {
    "metadata": _metadata,
    "user": _user,
    "safety_identifier": _safety_identifier,
    "service_tier": _tier,
}
