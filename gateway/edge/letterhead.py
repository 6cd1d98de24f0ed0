"""A request's headers read once: what travels on, what is addressed to us, and who sends it.

An SDK sends the same headers with every call but for the body's length, so what was read of them is remembered: one
look-up instead of two passes and two hashes (12 us of a call's 100). What differs by call, such as a trace context, is
read each time; what a token may do is looked at each time.
"""

from typing import Final

import msgspec

from gateway.call import Headers, Remembered
from gateway.policies.access import Access, Admission, Holder, in_date, may_hold_key
from gateway.wire.headers import incoming

TRACED: Final = frozenset((b"traceparent", b"tracestate"))
VARYING: Final = TRACED | {b"content-length"}
"""Headers that differ by call while all others stay the same."""
MOST: Final = 256
"""Sets of headers remembered per gateway."""
LARGEST: Final = 4096
"""Bytes of a set of headers that is worth remembering."""


class Letterhead(msgspec.Struct, frozen=True):
    """What a set of headers says."""

    headers: Headers
    """What travels on; shared between calls, so nobody may change it."""
    control: dict[bytes, bytes]
    content_type: bytes
    request_type: str
    user_agent: str
    holder: Holder | None
    query: bytes


class Letterheads:
    """A gateway's door with a memory."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.known: dict[tuple[tuple[bytes, bytes], ...], Letterhead] = {}

    def read(self, headers: Headers, query: bytes) -> Letterhead:
        """What `headers` say; raises Refusal 401 where the gateway asks for a token and none fits."""
        if may_hold_key(query):
            return self.fresh(headers, query)
        key = tuple([pair for pair in headers if pair[0] not in VARYING])
        known = self.known.get(key)
        if known is None:
            known = self.remembered(key, self.fresh(list(key), query))
        elif known.holder is not None:
            in_date(known.holder)
        traced = {name: value for name, value in reversed(headers) if name in TRACED}
        if not traced and known.query == query:
            return known
        # Of a repeated header of ours the first counts.
        return msgspec.structs.replace(known, query=query, control={**known.control, **traced})

    def fresh(self, headers: Headers, query: bytes) -> Letterhead:
        """What headers say that were never seen before."""
        passing, control = incoming(headers)
        return self.admitted(passing, control, self.access.admit(passing, control, query))

    @staticmethod
    def admitted(passing: Headers, control: dict[bytes, bytes], admission: Admission) -> Letterhead:
        """The parts put together."""
        named = dict(passing)
        content_type = named.get(b"content-type", b"")
        return Letterhead(
            headers=admission.headers,
            control=control,
            content_type=content_type,
            request_type=content_type.decode("latin-1"),
            user_agent=named.get(b"user-agent", b"").decode("latin-1"),
            holder=admission.holder,
            query=admission.query,
        )

    def remembered(self, key: tuple[tuple[bytes, bytes], ...], made: Letterhead) -> Letterhead:
        """Keep what is likely to come again, within bounds."""
        if sum(len(name) + len(value) for name, value in key) > LARGEST:
            return made
        if len(self.known) >= MOST:
            self.known.clear()
        made = msgspec.structs.replace(made, headers=Remembered(made.headers))
        self.known[key] = made
        return made
