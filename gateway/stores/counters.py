"""One counter in this process: by slices of time, or by places that are given back."""

from collections import OrderedDict, deque
from typing import Protocol

from gateway.stores.windows import Frame, micros


class Slip(Protocol):
    """A receipt: where a claim was counted."""

    def settle(self, amount: int) -> None:
        """Put an amount in place of the one granted, once."""


class Counter(Protocol):
    """What a claim is counted in. Its methods speak of the moment that `move` was last given."""

    used: int

    def move(self, now: int) -> None:
        """Forget what is over."""

    def take(self, amount: int, window: float, now: int) -> Slip:
        """Count an amount, whether it fits or not; `window` are the seconds after which a place comes back."""

    def wait(self, freed: int) -> int:
        """The moment by which so much of what is used will be free; 0 where nothing is used."""

    def over(self, now: int) -> bool:
        """Whether nothing is left to remember."""


class Slice:
    """What was counted in one slice of time."""

    __slots__ = ("ends", "index", "live", "used")

    def __init__(self, index: int, ends: int) -> None:
        self.index, self.ends = index, ends
        self.used = 0
        self.live = True
        """Whether it still counts."""


class Counted:
    """A receipt of an amount in a slice."""

    __slots__ = ("counter", "granted", "open", "slice")

    def __init__(self, counter: "Windowed", slice: Slice, granted: int) -> None:
        self.counter, self.slice, self.granted, self.open = counter, slice, granted, True

    def settle(self, amount: int) -> None:
        """In the slice it was counted in; one that has left changes nothing any more."""
        slice = self.slice
        if self.open and slice.live:
            change = max(amount - self.granted, -slice.used)
            slice.used += change
            self.counter.used += change
        self.open = False


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
                self._forget(len(slices))
            else:
                index = slices[-1].index
        self._forget(sum(1 for old in slices if old.index <= index - frame.span))
        if not slices or slices[-1].index != index:
            slices.append(Slice(index, frame.opens(index + frame.span)))
        self._since = frame.opens(index)
        self._until = min(slices[0].ends, frame.opens(index + 1))

    def _forget(self, count: int) -> None:
        """The oldest slices leave."""
        for _ in range(count):
            old = self._slices.popleft()
            old.live = False
            self.used -= old.used

    def take(self, amount: int, window: float, now: int) -> Counted:
        """Into the present slice."""
        newest = self._slices[-1]
        newest.used += amount
        self.used += amount
        return Counted(self, newest, amount)

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


class Place:
    """A receipt of something reserved."""

    __slots__ = ("amount", "counter", "ends")

    def __init__(self, counter: "Places", amount: int, ends: int) -> None:
        self.counter, self.amount, self.ends = counter, amount, ends

    def settle(self, amount: int) -> None:
        """Give it back, whatever was used."""
        self.counter.give_back(self)


class Places:
    """What is reserved until it is settled, or until its time is over: then whoever held it is taken to be gone."""

    __slots__ = ("_held", "used")

    def __init__(self) -> None:
        self._held: OrderedDict[Place, None] = OrderedDict()  # the first to end first
        self.used = 0

    def move(self, now: int) -> None:
        """Take back what nobody settled in time."""
        while self._held:
            oldest = next(iter(self._held))
            if oldest.ends > now:
                return
            self.give_back(oldest)

    def take(self, amount: int, window: float, now: int) -> Place:
        """A look holds nothing."""
        place = Place(self, amount, now + micros(window))
        if amount:
            self._held[place] = None
            self.used += amount
        return place

    def give_back(self, place: Place) -> None:
        """Once."""
        if self._held.pop(place, place) is None:
            self.used -= place.amount

    def wait(self, freed: int) -> int:
        """The latest moment at which so much comes back, should nobody settle."""
        leaving, last = 0, 0
        for place in self._held:
            leaving, last = leaving + place.amount, place.ends
            if leaving >= freed:
                break
        return last

    def over(self, now: int) -> bool:
        """Whether nobody holds anything that still counts."""
        self.move(now)
        return not self._held
