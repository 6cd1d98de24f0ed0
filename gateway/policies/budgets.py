"""One budget: what it claims of the store for a call, and what it says about one."""

from math import isfinite
from typing import Final

from msgspec.structs import replace

from gateway.call import Call, Headers, Refusal
from gateway.policies.dimensions import Scope, told, wanted
from gateway.policies.estimates import dollars
from gateway.policies.reserving import seconds
from gateway.policies.worth import Worth
from gateway.prices.price import BILLION
from gateway.providers.rows import ALIASES
from gateway.settings.spend_limits import SpendLimit
from gateway.stores.store import Claim, Technique
from gateway.translation.codecs import CODECS

REMAINING: Final = b"cf-aig-budget-remaining"
LONGEST: Final = 128
"""Characters of a model's name that a sentence repeats."""


class Budget:
    """One budget, prepared; amounts are billionths of a US dollar."""

    def __init__(self, written: SpendLimit, gateway: str) -> None:
        self.name = written.name
        self.limit = int(written.limit * BILLION)
        self.window = float(written.per or 0.0)
        self.technique: Technique = written.calendar or written.technique or "fixed"
        self.rule = f"rule '{written.name}' (cost limit {dollars(self.limit)} {span(written)})"
        filters = wanted(written.provider, written.model, written.metadata)
        self.scope = Scope(f"{gateway}:spend:{written.name}", written.by, filters)
        self.strict = written.on_store_loss == "deny"
        self.unpriced = written.unpriced == "allow"
        self.target: tuple[str, str] | None = None
        if written.downgrade_to is not None:
            provider, _, model = written.downgrade_to.partition("/")
            self.target = ALIASES.get(provider, provider), model
        self.mark = self.limit * written.at // 100

    def lowers(self, call: Call) -> bool:
        """Whether this budget has a cheaper model for such a call: it must be one that can be translated."""
        if self.target is None or self.target == (call.provider, call.asked.model):
            return False
        return call.asked.dialect in CODECS and bool(call.asked.operation)

    def claim(self, call: Call, value: Worth | None, *, whole: bool) -> Claim:
        """What a call wants of it; one that may become a cheaper one gets only what lies below the mark."""
        limit = self.limit if whole or self.target is None or not self.lowers(call) else self.mark
        amount = 0 if value is None else value.within(self.limit)
        return Claim(self.scope.key(call), limit, amount, self.window, self.technique)

    def lowered(self, call: Call) -> Call:
        """The call for the cheaper model; its body is written when it is translated, further in."""
        assert self.target is not None
        provider, model = self.target
        before = f"{call.provider}/{call.asked.model}"
        call.record.decided = {**call.record.decided, "downgraded": f"{self.name}: {before} to {provider}/{model}"}
        return replace(
            call,
            provider=provider,
            asked=replace(call.asked, model=model),
            form=call.form or call.asked.dialect,
        )

    def exceeded(self, call: Call, claim: Claim, left: int, wait: float) -> Refusal:
        """Why a call does not fit, in Cloudflare's words, and when it may."""
        sentence = f"Spend limit exceeded: {self.rule} for {call.provider} {printable(call.asked.model)}".rstrip()
        headers: Headers = [(REMAINING, dollars(left).encode("ascii"))]
        if claim.amount > self.limit:
            sentence += (
                f": this call alone may cost {dollars(claim.amount)}, more than the whole limit."
                " Send less, or a smaller max_tokens."
            )
        elif wait > 0 and isfinite(wait):
            headers.append((b"retry-after", seconds(wait)))
        return Refusal(429, 2045, "spend_limited", sentence, headers)

    def priceless(self, call: Call) -> Refusal:
        """Why a call whose model has no price is not let through."""
        model = f"{call.provider} {printable(call.asked.model)}".rstrip()
        return Refusal(
            403,
            2114,
            "unpriced_model",
            f"Spend limit: rule '{self.name}' lets nothing through that has no price, and {model} has none: give it one"
            " under `prices`, or say `unpriced: allow`.",
        )


def span(written: SpendLimit) -> str:
    """A budget's window in Cloudflare's words."""
    if written.calendar is not None:
        return f"per {written.calendar}, calendar"
    return f"per {float(written.per or 0.0):.12g}s, {written.technique or 'fixed'}"


def printable(text: str) -> str:
    """A client's own word, as far as a sentence may repeat it."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:LONGEST])


def describe(written: SpendLimit) -> str:
    """For `gateway explain`: a budget in a line."""
    ending = told(written.by, written.provider, written.model, written.metadata)
    cheaper = f"; past {int(written.at)}% to {written.downgrade_to}" if written.downgrade_to is not None else ""
    amount = dollars(int(written.limit * BILLION))
    losses = f"unpriced {written.unpriced}, without the store {written.on_store_loss}"
    return f"{written.name}: {amount} US dollars {span(written)}{ending}{cheaper}; {losses}"
