"""The clocks that policies go by, and chance: put in from outside, so that tests need not wait."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import msgspec


class Timing(msgspec.Struct, frozen=True):
    """Time and chance, as policies that wait need them."""

    now: Callable[[], float] = time.perf_counter
    """The clock of a Record."""
    wall: Callable[[], float] = time.time
    """Seconds since 1970."""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    draw: Callable[[], float] = random.random
    """A number from 0 up to 1, without 1."""


REAL = Timing()
