"""What the gateway says about a call in the headers of its answer."""

from decimal import Decimal
from functools import lru_cache
from time import perf_counter

from gateway.call import Record
from gateway.telemetry.propagation import traceparent

LONGEST = 256
FACTS = (
    b"cf-aig-log-id: %b\r\ncf-aig-request-id: %b\r\ncf-aig-event-id: %b\r\ncf-aig-step: %d\r\n"
    b"cf-aig-attempts: %d\r\ncf-aig-overhead: %.3f\r\n"
)


@lru_cache(maxsize=4096)
def printable(text: str) -> bytes:
    """Text of the client's or the provider's as a header value: ASCII, no control character, bounded."""
    return "".join(c if " " <= c <= "~" else "?" for c in text[:LONGEST]).encode("ascii")


def money(cost: Decimal) -> bytes:
    """US dollars without an exponent, as many places as are exact."""
    text = format(cost, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).encode("ascii")


def facts(record: Record) -> bytes:
    """cf-aig-* of Cloudflare's (spec 3.2) and our own as header lines; a cost only where it is already known."""
    log_id = record.id.encode("ascii")
    made = FACTS % (
        log_id,
        log_id,
        printable(record.event_id) if record.event_id else log_id,
        record.step,
        len(record.attempts),
        (record.head_sent - record.started - record.waited) * 1000,
    )
    if record.provider:
        made += b"cf-aig-provider: %b\r\n" % printable(record.provider)
    if record.asked.model:
        made += b"cf-aig-model: %b\r\n" % printable(record.asked.model)
    if record.cost is not None:
        made += b"cf-aig-cost: %b\r\n" % money(record.cost)
    if record.trace is not None:
        made += b"traceparent: %b\r\n" % traceparent(record.trace)
    return made


def stamp(record: Record) -> None:
    """Note that the answer's head goes out now."""
    record.head_sent = now = perf_counter()
    record.overhead = max(0.0, now - record.started - record.waited)
