"""What one client may cost, and what a worker listens on."""

from typing import Final

import msgspec

from gateway.server.heads import Heads
from gateway.wire.outbox import Outbox

MOST_HEADERS: Final = 200
LONGEST_TARGET: Final = 16384
"""Bytes of the request target."""
AHEAD: Final = 65536
"""Bytes of a request's body kept for an application that does not take them; reading pauses above."""
STALL: Final = 300.0
"""Seconds that a client may take nothing of an answer that waits for it."""
CHUNK: Final = 64
"""Bytes of framing that a chunk of a request's body may need."""
NUDGE: Final = 0.5
"""Seconds after which an application that waits for a body is told that nothing came, so that its own clock starts."""
IDLE: Final = 0.3
"""Seconds that an idle connection stays open when the server stops, for a request that is already under way."""
LINGER: Final = 2.0
"""Seconds that a refused client's bytes are still read, so that it sees the refusal and not a reset connection."""


class Options(msgspec.Struct, frozen=True):
    """How one worker serves; sizes in bytes, times in seconds."""

    host: str = "127.0.0.1"
    port: int = 8787
    workers: int = 1
    max_header_bytes: int = 65536
    max_request_bytes: int = 25 * 2**20
    header_timeout: float = 30.0
    keep_alive: float = 75.0
    drain_delay: float = 0.0
    drain_timeout: float = 30.0


class Worker:
    """What the connections of one worker share."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.draining = self.leaving = False
        """Whether answers say that their connection closes, and whether idle connections are about to be closed."""
        self.heads = Heads()
        self.soon = Outbox().soon
        """Has what is ready to be written written at the end of this turn of the loop."""
