"""Where an answer goes out: our own server's request cycle takes it as it is, any other ASGI server by messages."""

from typing import Any, Protocol

from starlette.types import Message, Send

from gateway.call import Headers


class Outlet(Protocol):
    """Takes one answer: its head and then its pieces, or all of it at once. What a client that left misses is lost."""

    @property
    def full(self) -> bool:
        """Whether `drained` must be waited for before more is given."""

    def answer(self, status: int, headers: Headers, facts: bytes) -> None:
        """Take the head; `facts` are more header lines, as they go out."""

    def put(self, body: bytes, more: object) -> None:
        """Take a piece of body; without `more` it is the last."""

    def entire(self, head: tuple[int, Headers, bytes], body: bytes) -> None:
        """Take an answer whose body is all there."""

    async def drained(self) -> None:
        """Return once what was taken is on its way."""


class Messages:
    """An outlet over ASGI's `send`."""

    full = True

    def __init__(self, send: Send) -> None:
        self.send = send
        self.waiting: list[Message] = []

    def answer(self, status: int, headers: Headers, facts: bytes) -> None:
        """Make ASGI's start of a response."""
        lines = facts.split(b"\r\n")[:-1]
        every = [*headers, *(tuple(line.split(b": ", 1)) for line in lines)]
        self.waiting.append({"type": "http.response.start", "status": status, "headers": every})

    def put(self, body: bytes, more: object) -> None:
        """Make ASGI's piece of a body."""
        self.waiting.append({"type": "http.response.body", "body": body, "more_body": bool(more)})

    def entire(self, head: tuple[int, Headers, bytes], body: bytes) -> None:
        """Make both."""
        self.answer(*head)
        self.put(body, None)

    async def drained(self) -> None:
        """Send what was made."""
        while self.waiting:
            await self.send(self.waiting.pop(0))


def outlet(exchange: Any, send: Send) -> Outlet:  # noqa: ANN401 - our own server's cycle, see leash.EXCHANGE
    """Where the answer of this request goes."""
    return exchange if exchange is not None else Messages(send)
