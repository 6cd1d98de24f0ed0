"""From a flight that is over to what is kept of it."""

from gateway.policies.kept import Kept, complete, lasting, shareable
from gateway.policies.savings import said, tokens_of
from gateway.policies.seat import Flown


def answer_of(flight: Flown, digest: bytes, most: int, now: float) -> Kept | None:
    """Its answer as it is kept; None where it is above `most` bytes, not whole and sound, or somebody's alone."""
    reply, attempts = flight.reply, flight.record.attempts
    if reply is None or not flight.whole or flight.size > most or not attempts or attempts[-1].error:
        return None
    named = dict(reply.headers)
    if not shareable(reply.status, named, reply.headers):
        return None
    chunks, measured = flight.chunks, reply.length is not None
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    answer, streamed = attempts[-1].answer, flight.call.asked.stream
    if not complete(named, body, answer, measured=measured, streamed=streamed):
        return None
    sizes = tuple(map(len, chunks)) if len(chunks) > 1 else ()
    cost, tokens = said(flight.record.cost), tokens_of(flight.record)
    return Kept(digest, now, lasting(reply.headers), sizes, measured, cost, *tokens, body)
