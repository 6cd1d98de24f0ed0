"""The account of one request on its way out: what the rules, the provider's quirks and the model make of each thing."""

from collections.abc import Iterable
from typing import Any

from gateway.conversation.losses import CARRIED, Losses
from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.models import Takes, takes
from gateway.translation.asked import asked, restrict
from gateway.translation.codec import Quirks


class Account:
    """Asked for each thing the client gave, by its name in PARAMETERS or FEATURES."""

    __slots__ = ("_losses", "model", "own", "quirks")

    def __init__(self, conversation: Conversation, losses: Losses, quirks: Quirks) -> None:
        self._losses, self.quirks = losses, quirks
        self.own = conversation.dialect == NAME
        """The client speaks this dialect: its words go as they are, and the provider judges them."""
        self.model: Takes = takes(conversation.model)
        if self.own:
            losses.rules = {**losses.rules, "metadata": CARRIED}
        restrict(losses, quirks)

    def asked(self, conversation: Conversation) -> Iterable[tuple[str, Any]]:
        """The parameters to write, by their neutral names; the others are noted."""
        return asked(conversation, self._losses)

    def takes(self, name: str) -> bool:
        """Whether it is written; if not, it is noted."""
        return self._losses.allows(name)

    def lose(self, name: str) -> None:
        """Note what the dialect has, but not so."""
        self._losses.lose(name)
