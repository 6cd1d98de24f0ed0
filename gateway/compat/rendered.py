"""A provider's stream as the client's dialect writes it, event by event, nothing held back."""

from collections.abc import AsyncIterator, Callable, Iterable
from time import time
from typing import Final, Protocol

from gateway.compat.pieces import Pieces
from gateway.conversation.answer import Fault
from gateway.conversation.events import End, Failed, Start, StreamEvent
from gateway.translation.codec import Reader, Writer
from gateway.wire.compression import Inflater

UNREADABLE: Final = Failed(Fault(502, "The provider's stream cannot be read.", "api_error"))


class Renders(Protocol):
    """Writes what events become in the client's stream."""

    failed: bool
    """Whether the stream is over before its end."""

    def event(self, name: bytes, text: bytes) -> bytes:
        """What one event of the provider's becomes."""

    def unreadable(self) -> bytes:
        """What bytes become that are no events."""

    def end(self) -> bytes:
        """What is owed when the provider has said all."""


class Rendering:
    """Through the neutral form: one codec's reader, another's writer."""

    def __init__(self, reader: Reader, writer: Writer, name: str = "") -> None:
        self.reader, self.writer, self.name = reader, writer, name
        self.over = self.failed = False
        """`over`: the last event is written, though the provider may say more."""

    def event(self, name: bytes, text: bytes) -> bytes:
        """Read one event, write what it means."""
        return self.written(self.reader.read(name, text))

    def unreadable(self) -> bytes:
        """The client's own form of an error."""
        return self.written((UNREADABLE,))

    def end(self) -> bytes:
        """What the reader still owes."""
        return self.written(self.reader.end())

    def written(self, events: Iterable[StreamEvent]) -> bytes:
        """Some events in the client's dialect; after the last nothing more is written."""
        made = []
        for event in events:
            if self.over:
                break
            if type(event) is Start:
                event.created = event.created or int(time())
                event.model = self.name or event.model
            made.append(self.writer.write(event))
            self.failed = type(event) is Failed
            self.over = self.failed or type(event) is End
        return b"".join(made)


class Rendered:
    """The client's stream as a body: asked for chunk by chunk, or relayed as fast as its source relays."""

    def __init__(
        self, source: AsyncIterator[bytes], pieces: Pieces, renders: Renders, inflater: Inflater | None = None
    ) -> None:
        self.source, self.pieces, self.renders, self.inflater = source, pieces, renders, inflater
        self.ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self.ended:
            try:
                chunk = await anext(self.source)
            except StopAsyncIteration:
                made = self.close()
            else:
                made = self.convert(chunk)
                if not self.ended and getattr(self.source, "ended", False):
                    made += self.close()
            if made:
                return made
        raise StopAsyncIteration

    async def relay(self, taker: Callable[[bytes, bool], bool]) -> bool:
        """Give each converted chunk to `taker` as it comes; False where the source cannot do that."""
        relay = getattr(self.source, "relay", None)
        if relay is None or self.ended:
            return False

        def take(chunk: bytes, last: bool) -> bool:
            """Convert a chunk, and pass on what it became."""
            if self.ended:
                return True
            made = self.convert(chunk)
            if last and not self.ended:
                made += self.close()
            full = taker(made, self.ended) if made or self.ended else False
            return full or self.ended

        if not await relay(take):
            return False
        if not self.ended and getattr(self.source, "ended", False):
            taker(self.close(), True)
        return True

    def convert(self, chunk: bytes) -> bytes:
        """What one chunk of the provider's becomes."""
        renders, made = self.renders, list[bytes]()
        try:
            for part in (chunk,) if self.inflater is None else self.inflater.feed(chunk):
                made.extend(renders.event(name, text) for name, text in self.pieces.feed(part))
        except (ValueError, RecursionError):
            made.append(renders.unreadable())
        self.ended = renders.failed
        return made[0] if len(made) == 1 else b"".join(made)

    def close(self) -> bytes:
        """What is owed at the provider's end."""
        made = self.renders.end()
        self.ended = True
        return made
