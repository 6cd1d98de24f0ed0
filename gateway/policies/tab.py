"""Who pays for an upstream call that several wait for: exactly one, and the bill can move to another while it runs."""

from decimal import Decimal

from gateway.call import Record


class Tab:
    """One call's record as it was before, so that a bill can be put on it and taken off again."""

    __slots__ = ("attempts", "cost", "custom_cost", "record", "unpriced")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.attempts, self.cost = len(record.attempts), record.cost
        self.unpriced, self.custom_cost = record.unpriced, record.custom_cost

    def charge(self, flown: Record) -> None:
        """Put the attempts and the cost of `flown` on the record, in place of what it had been charged before."""
        record = self.record
        record.attempts[self.attempts :] = flown.attempts
        record.unpriced = self.unpriced or flown.unpriced
        record.custom_cost = self.custom_cost or flown.custom_cost
        if record.unpriced:
            record.cost = None
        elif flown.cost is not None:
            record.cost = flown.cost if self.cost is None else self.cost + flown.cost
        else:
            record.cost = self.cost

    def clear(self) -> None:
        """Take it off: the record's call was answered for nothing."""
        record = self.record
        del record.attempts[self.attempts :]
        record.unpriced, record.custom_cost = self.unpriced, self.custom_cost
        record.cost = None if self.unpriced else self.cost or Decimal(0)


def alone(record: Record, flown: Record) -> None:
    """The bill of an upstream call that nobody else waited for; mostly it is all that the record tells of."""
    if record.attempts or record.cost is not None or record.unpriced:
        Tab(record).charge(flown)
        return
    record.attempts = list(flown.attempts)
    record.unpriced, record.custom_cost, record.cost = flown.unpriced, flown.custom_cost, flown.cost
