"""What a store should say, by going through a list of all that ever happened."""

from datetime import UTC, datetime, timedelta


class Event:
    def __init__(self, claim, at, receipt):
        self.claim, self.at, self.receipt = claim, at, receipt
        self.amount, self.settled = claim.amount, False


def name(claim):
    return claim.key, claim.technique, claim.window


def period(technique, moment):
    """The calendar's name of the window that a moment (microseconds) falls into."""
    when = datetime.fromtimestamp(moment // 1_000_000, UTC)
    if technique == "week":
        return (when - timedelta(days=when.weekday())).date()
    return {"hour": (when.date(), when.hour), "day": when.date(), "month": (when.year, when.month)}[technique]


def counts(event, now):
    claim, window = event.claim, round(event.claim.window * 1_000_000)
    if claim.technique == "concurrent":
        return not event.settled and event.at + window > now
    if claim.technique == "fixed":
        return event.at // window == now // window
    if claim.technique == "sliding":
        width = -(-window // 60)
        return now // width - event.at // width <= 60
    return period(claim.technique, event.at) == period(claim.technique, now)


class Model:
    def __init__(self):
        self.events = []

    def used(self, claim, now):
        return sum(one.amount for one in self.events if name(one.claim) == name(claim) and counts(one, now))

    def fits(self, claim, now):
        return claim.amount == 0 or self.used(claim, now) + claim.amount <= claim.limit

    def reserve(self, claims, now):
        """The index of the first claim that does not fit, and what is left of each."""
        before = len(self.events)
        over = -1
        for at, claim in enumerate(claims):
            if not self.fits(claim, now):
                over = at
                del self.events[before:]
                break
            self.events.append(Event(claim, now, None))
        return over, tuple(max(0, claim.limit - self.used(claim, now)) for claim in claims)

    def received(self, receipts):
        """The receipts of what was granted last."""
        for event, receipt in zip(self.events[-len(receipts) :], receipts, strict=True):
            event.receipt = receipt

    def settle(self, events, amounts):
        for event, amount in zip(events, amounts, strict=True):
            if not event.settled:
                event.settled, event.amount = True, amount
