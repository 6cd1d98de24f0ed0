"""One counter in this process: by slices of time, or by places that are given back."""

from collections import OrderedDict, deque
from itertools import count
from typing import Protocol

from gateway.stores.store import Claim
from gateway.stores.windows import Frame, micros


class Counter(Protocol):
    """What a claim is counted in. Its methods speak of the moment that `move` was last given."""

    used: int

    def move(self, now: int) -> None:
        """Forget what is over."""

    def take(self, claim: Claim, now: int) -> str:
        """Count a claim, whether it fits or not; the receipt."""

    def untake(self, claim: Claim, receipt: str) -> None:
        """As if the last `take` had not been."""

    def settle(self, receipt: str, granted: int, amount: int) -> None:
        """Put an amount in place of the one granted, once."""

    def wait(self, freed: int) -> int:
        """The moment by which so much of what is used will be free; 0 where nothing is used."""

    def over(self, now: int) -> bool:
        """Whether nothing is left to remember."""


class Slice:
    """What was counted in one slice of time, and a bit for each receipt that has been settled."""

    __slots__ = ("ends", "index", "issued", "settled", "used")

    def __init__(self, index: int, ends: int) -> None:
        self.index, self.ends = index, ends
        self.used = self.issued = 0
        self.settled = bytearray()

    def once(self, number: int) -> bool:
        """Whether a receipt was given out here and is settled for the first time now."""
        if not 0 <= number < self.issued:
            return False
        byte, bit = divmod(number, 8)
        if byte >= len(self.settled):
            self.settled.extend(bytes(byte + 1 - len(self.settled)))
        fresh = not self.settled[byte] & 1 << bit
        self.settled[byte] |= 1 << bit
        return fresh


class Windowed:
    """A count of what happened in the slices that matter now.

    A clock that goes back by less than a window is taken to stand still; one that goes back further begins anew.
    """

    __slots__ = ("_frame", "_since", "_slices", "_until", "used")

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._slices: deque[Slice] = deque()
        self._since = self._until = 0  # between these moments nothing moves
        self.used = 0

    def move(self, now: int) -> None:
        """Leave only slices that count, the present one always among them."""
        if self._since <= now < self._until:
            return
        slices, frame = self._slices, self._frame
        index = frame.index(now)
        if slices and slices[-1].index > index:
            if slices[-1].index - index > frame.span:
                slices.clear()
                self.used = 0
            else:
                index = slices[-1].index
        while slices and slices[0].index <= index - frame.span:
            self.used -= slices.popleft().used
        if not slices or slices[-1].index != index:
            slices.append(Slice(index, frame.opens(index + frame.span)))
        self._since = frame.opens(index)
        self._until = min(slices[0].ends, frame.opens(index + 1))

    def take(self, claim: Claim, now: int) -> str:
        """Into the present slice."""
        newest = self._slices[-1]
        number = newest.issued
        newest.issued = number + 1
        newest.used += claim.amount
        self.used += claim.amount
        return f"{newest.index}.{number}"

    def untake(self, claim: Claim, receipt: str) -> None:
        """Out of the present slice; the receipt's number is free again."""
        newest = self._slices[-1]
        newest.used -= claim.amount
        self.used -= claim.amount
        newest.issued -= 1

    def settle(self, receipt: str, granted: int, amount: int) -> None:
        """In the slice of the receipt, if that is still remembered."""
        index, _, number = receipt.partition(".")
        if not (index.isdecimal() and number.isdecimal()):
            return
        for found in reversed(self._slices):
            if found.index == int(index):
                if found.once(int(number)):
                    change = max(amount - granted, -found.used)
                    found.used += change
                    self.used += change
                return

    def wait(self, freed: int) -> int:
        """When the slices leave that hold so much; in a window that does not slide, its end."""
        first = self._slices[0]
        if first.used >= freed or self._frame.span == 1:
            return first.ends
        leaving = last = 0
        for old in self._slices:
            if old.used:
                leaving, last = leaving + old.used, old.ends
                if leaving >= freed:
                    break
        return last

    def over(self, now: int) -> bool:
        """Whether its newest slice has left, or lies so far ahead that a clock was wrong."""
        ahead = self._slices[-1].index - self._frame.index(now)
        return not -self._frame.span < ahead <= self._frame.span


class Places:
    """What is reserved until it is settled, or until its time is over: then whoever held it is taken to be gone."""

    __slots__ = ("_held", "used")
    _numbers = count()  # for all of the process: a late receipt must not name another's place

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[int, int]] = OrderedDict()  # receipt: (ends, amount), the first to end first
        self.used = 0

    def move(self, now: int) -> None:
        """Give back what nobody settled in time."""
        while self._held:
            ends, amount = next(iter(self._held.values()))
            if ends > now:
                return
            self._held.popitem(last=False)
            self.used -= amount

    def take(self, claim: Claim, now: int) -> str:
        """A look holds nothing, and has no receipt."""
        if not claim.amount:
            return ""
        receipt = str(next(self._numbers))
        self._held[receipt] = (now + micros(claim.window), claim.amount)
        self.used += claim.amount
        return receipt

    def untake(self, claim: Claim, receipt: str) -> None:
        """Give it back."""
        self.settle(receipt, claim.amount, 0)

    def settle(self, receipt: str, granted: int, amount: int) -> None:
        """Give the place back, whatever was used."""
        _, held = self._held.pop(receipt, (0, 0))
        self.used -= held

    def wait(self, freed: int) -> int:
        """The latest moment at which so much comes back, should nobody settle."""
        leaving, last = 0, 0
        for ends, amount in self._held.values():
            leaving, last = leaving + amount, ends
            if leaving >= freed:
                break
        return last

    def over(self, now: int) -> bool:
        """Whether nobody holds anything that still counts."""
        self.move(now)
        return not self._held
