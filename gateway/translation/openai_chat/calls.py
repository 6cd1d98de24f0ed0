"""Tool calls of one choice of a stream, however a provider cuts and numbers them."""

from typing import TYPE_CHECKING, Any

from gateway.conversation.events import Add, Sign, StreamEvent
from gateway.conversation.parts import ToolUse
from gateway.translation.codec import Json
from gateway.translation.openai_chat import answers_in
from gateway.translation.openai_chat.natives import DIALECT

if TYPE_CHECKING:
    from gateway.translation.openai_chat.track import Track


class Calling:
    """One call; it is opened when its name is known."""

    __slots__ = ("at", "custom", "held", "id", "name", "number", "signature")

    def __init__(self, number: int) -> None:
        self.number = number
        self.at = -1
        self.id = self.name = self.held = self.signature = ""
        """`held` are arguments that came before the name."""
        self.custom = False


class Calls:
    """The calls so far."""

    __slots__ = ("answer", "every", "now", "places", "track")

    def __init__(self, track: "Track", answer: str) -> None:
        self.track = track
        self.answer = answer
        """The answer's id, for calls that have none."""
        self.every: list[Calling] = []
        self.places: dict[object, Calling] = {}
        """By the provider's index, or by their ids."""
        self.now: Calling | None = None

    def feed(self, delta: Json, out: list[StreamEvent]) -> None:
        """What a chunk says of calls."""
        items: Any = delta.get("tool_calls")
        if isinstance(items, list):
            for item in items:
                if isinstance(item, dict):
                    self._piece(item, item.get("index"), out)
        asked = delta.get("function_call")
        if isinstance(asked, dict) and (asked.get("name") or self.now is not None):
            self._piece({"function": asked}, "function_call", out)

    def _piece(self, item: Json, index: object, out: list[StreamEvent]) -> None:
        """A piece of a call, or a call that is whole."""
        found = answers_in.call(item)
        calling = self._which(found, index)
        calling.id = calling.id or found.id
        calling.custom = calling.custom or found.custom
        if not calling.name:
            calling.name = found.name
        if found.signature:
            calling.signature = found.signature
            if calling.at >= 0:
                out.append(Sign(self.track.index, calling.at, found.signature, DIALECT))
        if calling.at < 0:
            calling.held += found.arguments
            if calling.name:
                self._begin(calling, out)
        elif found.arguments:
            out.append(Add(self.track.index, calling.at, found.arguments))

    def _which(self, found: ToolUse, index: object) -> Calling:
        """The call that a piece belongs to.

        By its index; but Google's endpoint gives all the same one, so a new id with a name begins a new call. Without
        an index it is the one of that id, else a new one where there is a name, else the last.
        """
        numbered = isinstance(index, int | str)
        key = index if numbered else ("id", found.id)
        known = self.places.get(key)
        if numbered:
            other = known is not None and found.name and found.id and known.id and found.id != known.id
            known = None if other else known
        elif not found.id and not found.name:
            known = self.now
        elif not found.id:
            known = None
        if known is None:
            known = self.places[key] = Calling(len(self.every))
            self.every.append(known)
        self.now = known
        return known

    def _begin(self, calling: Calling, out: list[StreamEvent]) -> None:
        """Open a call, with what of its arguments has come."""
        self.track.quiet(out)
        ident = calling.id or answers_in.made(self.answer, self.track.index, calling.number)
        use = ToolUse(ident, calling.name, custom=calling.custom, signature=calling.signature)
        use.maker = DIALECT if calling.signature else ""
        calling.at = self.track.begin(use, out)
        if calling.held:
            out.append(Add(self.track.index, calling.at, calling.held))

    def close(self, out: list[StreamEvent]) -> None:
        """Open those whose name never came; what comes after this belongs to new calls."""
        for calling in self.every:
            if calling.at < 0:
                self._begin(calling, out)
        self.places = {}
        self.now = None
