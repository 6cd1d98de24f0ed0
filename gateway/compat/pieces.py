"""How a provider's stream is cut into events."""

from collections.abc import Iterable
from typing import Protocol

from gateway.wire import aws_event_stream, sse


class Pieces(Protocol):
    """Turns bytes into what a dialect's reader takes: names and texts."""

    def feed(self, chunk: bytes) -> Iterable[tuple[bytes, bytes]]:
        """The events that a chunk completes; raises ValueError behind them where there is no going on."""


class Events:
    """Server-sent events."""

    def __init__(self) -> None:
        self.splitter = sse.Splitter()

    def feed(self, chunk: bytes) -> Iterable[tuple[bytes, bytes]]:
        """Their names and data."""
        return [(event.name, event.text) for event in self.splitter.feed(chunk)]


class Frames:
    """AWS's binary frames."""

    def __init__(self) -> None:
        self.decoder = aws_event_stream.Decoder()

    def feed(self, chunk: bytes) -> Iterable[tuple[bytes, bytes]]:
        """Their event types, or the names of exceptions, and their payloads, up to the first that is corrupt."""
        return ((kind_of(frame), frame.payload) for frame in self.decoder.feed(chunk))


def kind_of(frame: aws_event_stream.Frame) -> bytes:
    """A frame's event type, or the name of the exception that it is; raises Corrupt."""
    headers = frame.headers()
    return str(headers.get(":exception-type") or headers.get(":event-type") or "").encode()
