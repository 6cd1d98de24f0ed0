"""What writing a request needs everywhere: who asked, which model, and the account of what is left out."""

from dataclasses import dataclass

from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request on its way to Google."""

    model: str
    own: bool
    """Whether the client speaks this dialect: then its words go out as they came in."""
    losses: Losses
    quirks: Quirks

    def allows(self, name: str) -> bool:
        """Whether `name` is written; what is not is noted."""
        if name in self.quirks.refuses:
            self.losses.lose(name)
            return False
        return self.losses.allows(name)
