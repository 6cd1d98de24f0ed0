"""A provider's terms: what of the dialect it takes, and what it calls it."""

from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat.rules import HINTS


class Terms:
    """Asked once for each thing that the client gave; what is not taken is noted."""

    def __init__(self, losses: Losses, quirks: Quirks, client: str) -> None:
        self.losses = losses
        self.quirks = quirks
        self.client = client
        """The client's dialect."""

    def takes(self, name: str) -> bool:
        """Whether `name` is to be written."""
        if name not in self.quirks.refuses:
            return self.losses.allows(name)
        self.leave(name)
        return False

    def leave(self, name: str) -> None:
        """Note that `name` is left out: as a hint where nothing is lost by that."""
        if name not in HINTS:
            self.losses.lose(name)
        elif name not in self.losses.hints:
            self.losses.hints.append(name)

    def name(self, neutral: str, own: str = "") -> str:
        """The provider's word for a neutral name; `own` is the dialect's where it differs from the neutral one."""
        return self.quirks.renames.get(neutral) or own or neutral
