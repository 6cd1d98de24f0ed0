"""What the gateway says about a call in the headers of its answer."""

from decimal import Decimal
from functools import lru_cache
from time import perf_counter

from gateway.call import Headers, Record
from gateway.telemetry.propagation import traceparent

LONGEST = 256


@lru_cache(maxsize=4096)
def printable(text: str) -> bytes:
    """Text of the client's or the provider's as a header value: ASCII, no control character, bounded."""
    return "".join(c if " " <= c <= "~" else "?" for c in text[:LONGEST]).encode("ascii")


def money(cost: Decimal) -> bytes:
    """US dollars without an exponent, as many places as are exact."""
    text = format(cost, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).encode("ascii")


def facts(record: Record) -> Headers:
    """cf-aig-* of Cloudflare's (spec 3.2) and our own; a cost only where it is already known."""
    log_id = record.id.encode("ascii")
    overhead = (record.head_sent - record.started - record.waited) * 1000
    headers = [
        (b"cf-aig-log-id", log_id),
        (b"cf-aig-request-id", log_id),
        (b"cf-aig-event-id", printable(record.event_id) if record.event_id else log_id),
        (b"cf-aig-step", b"%d" % record.step),
        (b"cf-aig-attempts", b"%d" % len(record.attempts)),
        (b"cf-aig-overhead", b"%.3f" % overhead),
    ]
    if record.provider:
        headers.append((b"cf-aig-provider", printable(record.provider)))
    if record.asked.model:
        headers.append((b"cf-aig-model", printable(record.asked.model)))
    if record.cost is not None:
        headers.append((b"cf-aig-cost", money(record.cost)))
    if record.trace is not None:
        headers.append((b"traceparent", traceparent(record.trace)))
    return headers


def stamp(record: Record) -> None:
    """Note that the answer's head goes out now."""
    record.head_sent = now = perf_counter()
    record.overhead = max(0.0, now - record.started - record.waited)
