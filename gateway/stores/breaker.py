"""Leaves a store alone that is not there, so that calls do not wait for it one by one."""

import time
from collections.abc import Callable


class Breaker:
    """Closed while answers come; open for a rest after some losses in a row; then one caller tries for all."""

    def __init__(self, losses: int = 3, rest: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._losses, self._rest, self._clock = losses, rest, clock
        self._lost = 0
        self._until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether a caller would be turned away now."""
        return self._lost >= self._losses and (self._trying or self._clock() < self._until)

    def enters(self) -> bool:
        """Whether a caller may try; whoever does says afterwards how it went."""
        if self.open:
            return False
        self._trying = self._lost >= self._losses
        return True

    def won(self) -> bool:
        """The store answered; whether that closes what was open.

        An answer to somebody who asked before it opened is old news: only one who tries since then can close it.
        """
        closes = self._lost >= self._losses
        if closes and not self._trying:
            return False
        self._lost = 0
        self._trying = False
        return closes

    def lost(self) -> bool:
        """It did not; whether that opens what was closed."""
        self._lost += 1
        self._trying = False
        self._until = self._clock() + self._rest
        return self._lost == self._losses

    def left(self) -> None:
        """Nobody waited for the answer: the next caller tries instead."""
        self._trying = False
