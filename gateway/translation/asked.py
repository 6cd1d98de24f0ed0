"""Which of a client's parameters ask for something, and what becomes of those that a provider does not have."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from gateway.conversation.losses import REFUSED, Losses
from gateway.conversation.request import Conversation, Reasoning
from gateway.translation.codec import Quirks

IDLE: Final[dict[str, tuple[Any, ...]]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "repetition_penalty": (1,),
    "min_p": (0,),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "service_tier": ("auto", "default", "standard", "standard_only"),
    "truncation": ("disabled",),
    "verbosity": ("medium",),
}
"""Values that ask for what happens anyway: where a provider lacks the parameter, nothing is lost with them."""


def asked(conversation: Conversation, losses: Losses) -> Iterator[tuple[str, Any]]:
    """The parameters that are to be written, by their neutral names; the others are noted as losses."""
    for name, value in conversation.parameters.items():
        how = losses.rules.get(name, REFUSED).how
        if how == "refused" and value in IDLE.get(name, ()):
            continue
        if name == "store" and value is True and how == "hint":
            losses.lose(name)
        elif losses.allows(name):
            yield name, value


def left_out(losses: Losses, name: str) -> None:
    """Note something that does not reach the provider and does not change what the model says."""
    if name not in losses.hints:
        losses.hints.append(name)


def thinking(conversation: Conversation) -> Reasoning | None:
    """What is asked of thinking; a Messages client that switches it on is shown thoughts unless it says otherwise."""
    given = conversation.reasoning
    if given is None or given.show is not None or conversation.dialect != "anthropic_messages":
        return given
    return replace(given, show=True) if given.adaptive or (given.budget or 0) > 0 else given


def restrict(losses: Losses, quirks: Quirks) -> None:
    """Let a provider's row refuse what its dialect could carry."""
    if quirks.refuses:
        losses.rules = {**losses.rules, **dict.fromkeys(quirks.refuses, REFUSED)}
