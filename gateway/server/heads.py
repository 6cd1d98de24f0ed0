"""Heads that were read before: an SDK sends the same bytes with every call but for the body's length.

A head is remembered once llhttp and `gateway.server.strict` have believed all of it. One that has the same bytes but
for the digits of its Content-Length means the same, so it is compared instead of read: 0.5 us instead of 15.
"""

import re
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from gateway.call import Headers

LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,8})[ \t]*\r\n", re.IGNORECASE)
END: Final = b"\r\n\r\n"
MOST: Final = 256
"""Heads remembered per worker."""
LARGEST: Final = 8192
"""Bytes of a head that is worth remembering."""
ASGI: Final = {"version": "3.0", "spec_version": "2.3"}


class Head(msgspec.Struct, gc=False, eq=False):
    """A head that was believed, in two pieces around the digits of its length; others know it by being the same one."""

    before: bytes
    after: bytes
    """Empty where the head announces no body."""
    scope: dict[str, Any]
    """What ASGI says of it, the connection's own facts excepted; nobody may change it."""

    def body(self, data: bytes) -> bytes | None:
        """The body of a request that is `data`, whole and with this head; None where it is anything else."""
        before, after = self.before, self.after
        if not data.startswith(before):
            return None
        if not after:
            return b"" if len(data) == len(before) else None
        start = len(before)
        stop = data.find(b"\r", start, start + 9)
        if stop < 0 or not data.startswith(after, stop):
            return None
        digits = data[start:stop]
        begin = stop + len(after)
        if not digits.isdigit() or int(digits) != len(data) - begin:
            return None
        return data[begin:]


class Heads:
    """The heads that one worker's connections share."""

    def __init__(self) -> None:
        self.known: dict[tuple[bytes, bytes], Head] = {}

    def learn(self, data: bytes, scope: dict[str, Any]) -> Head | None:
        """The head of a request that is `data` and was believed, remembered; None where it is not one to remember."""
        end = data.find(END, 0, LARGEST) + len(END)
        if end < len(END):
            return None
        found = LENGTH.search(data, 0, end)
        if found is None:
            before, after = data[:end], b""
        else:
            before, after = data[: found.start(1)], data[found.end(1) : end]
        head = self.known.get((before, after))
        if head is None:
            if len(self.known) >= MOST:
                self.known.clear()
            head = self.known[before, after] = Head(before, after, scope)
        # Believed is what was announced, so a head whose length this pattern misses must not pass for one without.
        return head if head.body(data) is not None else None


def facts(method: bytes, target: bytes, version: str, headers: Headers) -> dict[str, Any]:
    """What ASGI's scope says of a head, whichever connection it came on."""
    path, _, query = target.partition(b"?")
    text = path.decode("ascii")
    return {
        "type": "http",
        "asgi": ASGI,
        "http_version": version,
        "scheme": "http",
        "root_path": "",
        "method": method.decode("ascii"),
        "path": unquote(text) if "%" in text else text,
        "raw_path": path,
        "query_string": query,
        "headers": headers,
    }
