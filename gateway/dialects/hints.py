"""When a provider wants to be asked again: what it says in the headers, or in the body, of a failure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from gateway.call import Headers

NUMBER: Final = re.compile(rb"[0-9]{1,13}(?:\.[0-9]{1,12})?")
# Go's durations, as OpenAI and its likes write them: 1s, 6m0s, 7.66s, 120ms, 1h2m3s.
SPANS: Final = re.compile(rb"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|us|ns|d|h|m|s))+")
SPAN: Final = re.compile(rb"([0-9.]+)(ms|us|ns|d|h|m|s)")
SECONDS: Final = {b"d": 86400.0, b"h": 3600.0, b"m": 60.0, b"s": 1.0, b"ms": 0.001, b"us": 1e-6, b"ns": 1e-9}
RESET: Final = re.compile(rb"(?:x-|anthropic-)?ratelimit-(?:(?:[a-z-]+-)?reset(?:-[a-z-]+)?)")
# google.rpc.RetryInfo (AIP-193) among an error's details: Google sends no header.
RETRY_INFO: Final = re.compile(rb'"retryDelay"\s*:\s*"([0-9]{1,9}(?:\.[0-9]{1,9})?)s"')
SINCE_1970: Final = 1e9
"""A number of seconds beyond this is a moment, not a wait; a thousand times as much one in milliseconds."""
LONGEST: Final = 64


def wait(status: int, headers: Headers, body: bytes, now: float) -> float | None:
    """Seconds until the provider wants to be asked again, never negative; None where it says nothing.

    `now` is the wall clock. Reset headers count for a 429 alone: they stand in good answers too.
    """
    named = {name: value.strip() for name, value in headers}
    for found in (millis(named.get(b"retry-after-ms")), moment(named.get(b"retry-after"), now)):
        if found is not None:
            return max(0.0, found)
    if status != 429:
        return None
    found = reset(named, now)
    if found is None and (told := RETRY_INFO.search(body)):
        found = float(told[1])
    return None if found is None else max(0.0, found)


def millis(value: bytes | None) -> float | None:
    """A number of milliseconds, as seconds."""
    return float(value) / 1000 if value and NUMBER.fullmatch(value) else None


def moment(value: bytes | None, now: float) -> float | None:
    """Seconds until what is a number of seconds, a moment in seconds or milliseconds, a Go duration, or a date."""
    if not value or len(value) > LONGEST:
        return None
    if NUMBER.fullmatch(value):
        number = float(value)
        if number > SINCE_1970:
            return (number / 1000 if number > SINCE_1970 * 1000 else number) - now
        return number
    if SPANS.fullmatch(value):
        return sum(float(number) * SECONDS[unit] for number, unit in SPAN.findall(value))
    when = date(value.decode("latin-1"))
    return None if when is None else when - now


def date(text: str) -> float | None:
    """Seconds since 1970 of a date as HTTP (RFC 9110) or RFC 3339 writes it."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = read(text)
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def reset(named: dict[bytes, bytes], now: float) -> float | None:
    """Seconds until the limits that are used up begin anew; where none says that it is, until the first of all does."""
    used_up: list[float] = []
    others: list[float] = []
    for name, value in named.items():
        if b"ratelimit" in name and RESET.fullmatch(name) and (found := moment(value, now)) is not None:
            remaining = named.get(name.replace(b"reset", b"remaining"))
            (used_up if remaining == b"0" else others).append(found)
    if used_up:
        return max(used_up)
    return min(others, default=None)
