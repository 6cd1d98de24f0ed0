"""`rate_limit`: so many calls or tokens per time, and so many calls at once.

Calls are counted before they are made, tokens are reserved by an estimate and settled with what was metered, and a call
at one time counts until its last byte is out. All limits of a call are asked for in one step: it gets all, or counts in
none. Exactness is the store's: where it grants, the limit holds.
"""

from collections.abc import Sequence
from math import ceil, isfinite
from typing import Final, Literal, TypeAlias

from gateway.call import Call, Handler, Headers, Record, Refusal, Reply
from gateway.policies.dimensions import Scope, told, wanted
from gateway.policies.estimates import Estimate, bills, estimate, tokens, used
from gateway.policies.reserving import near, passed_over, reserve, seconds, settle, without
from gateway.settings.rate_limit import RateLimit
from gateway.stores.store import Claim, Store, StoreLost, Technique, Verdict

Kind: TypeAlias = Literal["requests", "tokens", "concurrent"]
Written: TypeAlias = RateLimit | Sequence[RateLimit]

HELD: Final = 3600.0
"""Seconds after which a call at one time no longer counts: its process must have died."""

MOMENT: Final = 1.0
"""Seconds that a client is asked to wait for a call to end: nobody knows when one will."""


OURS: Final = frozenset((b"ratelimit-limit", b"ratelimit-remaining", b"ratelimit-reset"))


class Limit:
    """One limit, prepared."""

    def __init__(self, written: RateLimit, gateway: str, place: int) -> None:
        self.kind, self.most = counted(written)
        self.name = written.name or f"rate-{place}"
        self.window = HELD if written.per is None else float(written.per)
        self.technique: Technique = "concurrent" if self.kind == "concurrent" else written.technique or "fixed"
        filters = wanted(written.provider, written.model, written.metadata)
        identity = f"name:{written.name}" if written.name else f"place:{place}"
        self.scope = Scope(f"{gateway}:rate:{self.kind}:{identity}", written.by, filters)
        self.strict = written.on_store_loss == "deny"
        self.said = b"%d" % self.most

    def claim(self, call: Call, guess: Estimate | None) -> Claim:
        """So much of this limit as the call wants."""
        amount = 1
        if self.kind == "tokens" and guess is not None:
            # A guess at what the answer may have is left out: unlike money, tokens beyond the limit cost nobody.
            amount = max(1, guess.input if guess.guessed else guess.input + guess.output)
        return Claim(self.scope.key(call), self.most, amount, self.window, self.technique)

    def reset(self, wait: float) -> float:
        """Seconds until more is free, as far as anybody knows."""
        return wait if self.kind != "concurrent" and isfinite(wait) else MOMENT

    def refusal(self, claim: Claim, wait: float) -> Refusal:
        """Why a call does not fit, and when it may."""
        rule = f"Rate limited: rule '{self.name}' ({allows(self.kind, self.most, self.window, self.technique)})"
        if claim.amount > self.most:
            return Refusal(
                429,
                2003,
                "rate_limited",
                f"{rule} never fits a call that may use {claim.amount} tokens: a quarter of its body's bytes and the"
                " max_tokens it asks for. Ask for fewer.",
                self.facts(self.most, 0.0),
            )
        after = seconds(self.reset(wait))
        sentence = f"{rule}; try again in {after.decode()} s."
        return Refusal(429, 2003, "rate_limited", sentence, [(b"retry-after", after), *self.facts(0, wait)])

    def facts(self, left: int, wait: float) -> Headers:
        """The headers of draft-ietf-httpapi-ratelimit-headers-03, for this limit."""
        reset = max(1, ceil(self.reset(wait)))
        return [
            (b"ratelimit-limit", self.said),
            (b"ratelimit-remaining", b"%d" % left),
            (b"ratelimit-reset", b"%d" % reset),
        ]


class RateLimits:
    """The policy: a gateway's rate limits over one store."""

    def __init__(self, written: Written, store: Store, gateway: str) -> None:
        self.store, self.near = store, near(store)
        self.limits = [Limit(one, gateway, place) for place, one in enumerate(several(written), 1)]
        self.meters = any(limit.kind == "tokens" for limit in self.limits)
        self.settles = any(limit.kind != "requests" for limit in self.limits)

    async def __call__(self, call: Call, next: Handler) -> Reply:
        """Let the call through if it fits every limit that is for it; raises Refusal."""
        limits, claims = self.claims(call)
        if not claims:
            return await next(call)
        try:
            verdict = self.near.count(claims) if self.near else await reserve(self.store, claims, call)
        except StoreLost:
            return await passed_over(call, next, limits)
        if not verdict.granted:
            limit = limits[verdict.over]
            call.record.decided = {**call.record.decided, "rate_limited_by": limit.name}
            raise limit.refusal(claims[verdict.over], verdict.reset[verdict.over])
        if self.settles:
            self.settle_later(call, limits, claims, verdict)
        reply = await next(call)
        tightest = 0
        if len(limits) > 1:
            tightest = min(range(len(limits)), key=lambda at: verdict.left[at] / limits[at].most)
        reply.headers = without(reply.headers, OURS)
        reply.headers += limits[tightest].facts(verdict.left[tightest], verdict.reset[tightest])
        return reply

    def claims(self, call: Call) -> tuple[list[Limit], list[Claim]]:
        """The limits that are for a call, and what it wants of each."""
        guess = estimate(call) if self.meters and bills(call) else None
        limits, claims = [], []
        for limit in self.limits:
            scope = limit.scope
            if (limit.kind != "tokens" or guess is not None) and (not scope.wanted or scope.covers(call)):
                limits.append(limit)
                claims.append(limit.claim(call, guess))
        return limits, claims

    def settle_later(self, call: Call, limits: list[Limit], claims: list[Claim], verdict: Verdict) -> None:
        """See to it that tokens and places are settled once the call is over; requests stay counted."""
        open_ones = [at for at, limit in enumerate(limits) if limit.kind != "requests"]
        if not open_ones:
            return

        async def over(record: Record) -> None:
            """An ending: what was metered in place of the estimate, and no place any more."""
            amounts = [
                used(record, claims[at].amount, tokens) if limits[at].kind == "tokens" else 0 for at in open_ones
            ]
            some, receipt = [claims[at] for at in open_ones], [verdict.receipt[at] for at in open_ones]
            await settle(self.store, some, receipt, amounts)

        call.at_end(over)

    def forecast(self, call: Call) -> list[str]:
        """For `gateway explain`: what this call would count as, limit by limit."""
        limits, claims = self.claims(call)
        return [
            f"{limit.name}: {claim.amount} of {limit.most} {limit.kind}"
            for limit, claim in zip(limits, claims, strict=True)
        ]


def describe(written: Written) -> list[str]:
    """For `gateway explain`: a line for each limit."""
    lines = []
    for place, one in enumerate(several(written), 1):
        kind, most = counted(one)
        per = HELD if one.per is None else float(one.per)
        rule = allows(kind, most, per, one.technique or "fixed")
        ending = told(one.by, one.provider, one.model, one.metadata)
        lines.append(f"{one.name or f'rate-{place}'}: {rule}{ending}; without the store {one.on_store_loss}")
    return lines


def allows(kind: Kind, most: int, window: float, technique: str) -> str:
    """A limit in words."""
    if kind == "concurrent":
        return f"{most} at one time"
    return f"{most} {kind} per {window:.12g}s, {technique}"


def counted(written: RateLimit) -> tuple[Kind, int]:
    """What a limit counts, and how far."""
    if written.requests is not None:
        return "requests", written.requests
    if written.tokens is not None:
        return "tokens", written.tokens
    assert written.concurrent is not None
    return "concurrent", written.concurrent


def several(written: Written) -> Sequence[RateLimit]:
    """One limit or a list of them as a list."""
    return (written,) if isinstance(written, RateLimit) else written
