"""One tool call at a time, where the provider cannot be asked for that: of several calls the first is passed on.

The model learns of the first one's result in the next turn, and asks again for what it still wants.
"""

from typing import Final

from gateway.conversation.answer import Completion
from gateway.conversation.events import Add, Cite, Close, Open, Sign, StreamEvent
from gateway.conversation.parts import ToolUse
from gateway.translation.codec import Writer

NAME: Final = "parallel_tool_calls"
OF_A_PART: Final = (Add, Sign, Cite, Close)


def first_alone(completion: Completion) -> None:
    """Leave each candidate of a whole answer its first call."""
    for candidate in completion.candidates:
        first = next((part for part in candidate.parts if isinstance(part, ToolUse)), None)
        candidate.parts = [part for part in candidate.parts if part is first or not isinstance(part, ToolUse)]


class Single:
    """A writer that hears of no second call; the parts behind one that is left out move up."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.called: set[int] = set()
        """The candidates that have made their call."""
        self.parts: dict[int, int] = {}
        """How many parts of each candidate were passed on."""
        self.places: dict[tuple[int, int], int] = {}
        """The new number of each part that was."""

    def write(self, event: StreamEvent) -> bytes:
        """The bytes for one event; none for what belongs to another call than the first."""
        if isinstance(event, Open):
            if isinstance(event.part, ToolUse):
                if event.index in self.called:
                    return b""
                self.called.add(event.index)
            at = self.parts.get(event.index, 0)
            self.parts[event.index] = at + 1
            self.places[event.index, event.at] = at
            event.at = at
        elif isinstance(event, OF_A_PART):
            place = self.places.get((event.index, event.at))
            if place is None:
                return b""
            event.at = place
        return self.writer.write(event)
