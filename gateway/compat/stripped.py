"""A stream without the usage that only the meter asked for."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from gateway.call import Broken
from gateway.wire import sse
from gateway.wire.compression import Inflater

NEEDLE: Final = b'"usage"'
END: Final = re.compile(rb"\r?\n\r?\n")


class Chunk(msgspec.Struct):
    """What tells the chunk that holds usage alone."""

    choices: list[msgspec.Raw] | None = None
    usage: dict[str, msgspec.Raw] | None = None


read: Final = msgspec.json.Decoder(Chunk).decode


class Stripped:
    """A stream of chat chunks without the usage that its client did not ask for, every other event as it came."""

    def __init__(self, source: AsyncIterator[bytes], inflater: Inflater | None = None) -> None:
        self.source, self.inflater = source, inflater
        self.rest = b""
        self.ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while True:
            try:
                chunk = await anext(self.source)
            except StopAsyncIteration:
                self.ended = True
                if rest := self.close():
                    return rest
                raise
            made = self.strip(chunk)
            if getattr(self.source, "ended", False):
                made += self.close()
                self.ended = True
            if made:
                return made

    async def relay(self, taker: Callable[[bytes, bool], bool]) -> bool:
        """The same as fast as the source relays."""
        relay = getattr(self.source, "relay", None)
        if relay is None:
            return False

        def take(chunk: bytes, last: bool) -> bool:
            """Pass on what is left of a chunk."""
            made = self.strip(chunk)
            if last:
                made += self.close()
                self.ended = True
            return taker(made, last) if made or last else False

        if not await relay(take):
            return False
        if not self.ended and getattr(self.source, "ended", False):
            self.ended = True
            taker(self.close(), True)
        return True

    def strip(self, chunk: bytes) -> bytes:
        """The whole events of what has come, without the unwanted one; what is not whole yet waits. Raises Broken."""
        if self.inflater is not None:
            chunk = unpacked(self.inflater, chunk)
        if not self.rest and NEEDLE not in chunk and chunk.endswith(b"\n\n"):
            return chunk
        text = self.rest + chunk
        made, at = [], 0
        # A blank line may have begun in what waits, with three bytes at most.
        for end in END.finditer(text, max(0, len(self.rest) - 3)):
            event = text[at : end.end()]
            made.append(wanted(event))
            at = end.end()
        self.rest = text[at:]
        if len(self.rest) > sse.LIMIT:
            made.append(self.rest)
            self.rest = b""
        return b"".join(made)

    def close(self) -> bytes:
        """What still waits at the end."""
        rest, self.rest = self.rest, b""
        return wanted(rest)


def unpacked(inflater: Inflater, chunk: bytes) -> bytes:
    """A chunk out of its coding; raises Broken."""
    try:
        return b"".join(inflater.feed(chunk))
    except ValueError:
        raise Broken("The provider's answer cannot be unpacked.") from None


def wanted(event: bytes) -> bytes:
    """An event, or what is left of the unwanted one: blank lines before an event are not its own."""
    if NEEDLE not in event or not unwanted(event):
        return event
    return event[: -len(event.lstrip(b"\r\n"))]


def unwanted(event: bytes) -> bool:
    """Whether an event holds usage and no choice."""
    for line in event.splitlines():
        if line.startswith(b"data:"):
            try:
                chunk = read(line[5:])
            except ValueError:
                return False
            return bool(chunk.usage) and chunk.choices == []
    return False
