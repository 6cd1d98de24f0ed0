"""The tie between a call's task and what may end it early: the client leaving, or the process going away.

Cancellation has this one origin. On our own server (`gateway.server`) it costs no task: the server calls back. On any
other ASGI server a watcher waits for `http.disconnect`, because `send` after a disconnect returns in silence there.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.types import Receive, Scope

GONE: Final = "gone"
DRAINED: Final = "drained"

EXCHANGE: Final = "gateway.exchange"
"""The ASGI extension of our own server: the request's cycle, `task`, `announced` (bytes), `watch()`, `abort()`."""


class Leash:
    """Cancels the task it was made in, once, and remembers why."""

    __slots__ = ("alone", "exchange", "left", "receive", "task", "watcher", "why")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.receive, self.why = receive, ""
        self.left: Callable[[], object] | None = None
        self.alone = False
        """Whether the client has left a call that is held."""
        self.watcher: asyncio.Task[None] | None = None
        self.exchange = exchange = (scope.get("extensions") or {}).get(EXCHANGE)
        task: asyncio.Task[object] | None = asyncio.current_task() if exchange is None else exchange.task
        assert task is not None
        self.task = task
        if exchange is not None:
            exchange.watch(self.gone, self.drained)

    def body_is_read(self) -> None:
        """From here on `receive` has nothing to say but that the client left."""
        if self.exchange is None:
            self.watcher = asyncio.create_task(self.watch())

    async def watch(self) -> None:
        """Wait for the client to leave."""
        while (await self.receive())["type"] != "http.disconnect":  # noqa: ASYNC110 - its messages are the event
            # A server that returns empty messages instead of blocking must not make us spin.
            await asyncio.sleep(0.05)
        self.gone()

    def gone(self) -> None:
        """The client left."""
        if self.left is None:
            self.pull(GONE)
        elif not self.alone:
            self.alone = True
            self.left()

    def drained(self) -> None:
        """The process is stopping and the call has used up the time it was given."""
        self.pull(GONE if self.alone else DRAINED)

    def hold(self, left: Callable[[], object]) -> None:
        """Let the call go on when its client leaves, of which `left` is told: others wait for the answer."""
        self.left = left

    def release(self) -> None:
        """Nobody else waits any more."""
        self.left = None
        if self.alone:
            self.pull(GONE)

    def pull(self, why: str) -> None:
        """Cancel the task; only the first reason counts."""
        if not self.why:
            self.why = why
            self.task.cancel()

    def pulled(self) -> bool:
        """Whether a cancellation that just arrived is ours; then it is taken back, and the task may go on."""
        if not self.why:
            return False
        self.task.uncancel()
        return True

    def slip(self) -> None:
        """Let go: nothing cancels the task after this."""
        self.why = self.why or "done"
        if self.exchange is not None:
            self.exchange.watch(None, None)
        elif self.watcher is not None:
            self.watcher.cancel()

    def abort(self) -> None:
        """Cut the client's connection where the server offers that; others do it when nothing more comes."""
        if self.exchange is not None:
            self.exchange.abort()
