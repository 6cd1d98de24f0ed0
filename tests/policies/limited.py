"""Calls and limits as a gateway has them: settings as the user writes them, and a provider that is told what to say."""

import asyncio
import time
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from gateway.call import Answer, Asked, Attempt, Call, Record, Refusal, Reply, Usage
from gateway.policies.rate_limit import RateLimits
from gateway.policies.spend_limits import SpendLimits
from gateway.prices import Price
from gateway.settings.load import read_unit
from gateway.settings.nodes import plain
from gateway.settings.parse import parse
from gateway.settings.rate_limit import RateLimit
from gateway.settings.spend_limits import SpendLimit
from gateway.stores.memory import Memory
from gateway.stores.store import StoreLost

PRICE = Price(Decimal("0.000001"), Decimal("0.00001"))
"""US dollars: a millionth per token in, ten millionths per token out."""


class Clock:
    def __init__(self, now=1_800_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


class Lost(Memory):
    """A store that can go away, and that other processes could see."""

    shared = True
    away = False

    async def reserve(self, claims):
        await asyncio.sleep(0)
        if self.away:
            raise StoreLost("gone")
        return await super().reserve(claims)

    async def settle(self, claims, receipt, amounts):
        if self.away:
            raise StoreLost("gone")
        await super().settle(claims, receipt, amounts)


def read(text, type):
    return msgspec.convert(plain(parse(Path("gateways.yaml"), text)[0]), type, dec_hook=read_unit)


def rates(text, store=None, gateway="acme/production"):
    return RateLimits(read(text, RateLimit | list[RateLimit]), store or Memory(), gateway)


def budgets(text, store=None, gateway="acme/production", price=lambda provider, model: PRICE):
    return SpendLimits(read(text, list[SpendLimit]), store or Memory(), gateway, price)


def call(
    provider="openai", model="gpt-4o-mini", *, body=b"", max_tokens=None, n=None, token="", method="POST",
    operation="chat", dialect="openai_chat", path=b"v1/chat/completions", form="", control=None, **metadata,
):  # fmt: skip
    parameters = {"gen_ai.request.max_tokens": max_tokens, "gen_ai.request.choice.count": n}
    parameters = {name: value for name, value in parameters.items() if value is not None}
    asked = Asked(operation, dialect, model, False, parameters)
    record = Record("1", time.time_ns(), 0.0, asked=asked, token=token, metadata=metadata)
    return Call(method, provider, path, b"", [], control or {}, body, asked, record, form=form)


def attempted(tokens_in=0, tokens_out=0, cost=None, *, status=200, error="", usage=True):
    """An attempt as it is written down once it is over."""
    counted = Answer(Usage(tokens_in, tokens_out)) if usage else Answer()
    attempt = Attempt("openai", Asked(), 0.0, status=status, error=error, answer=counted)
    attempt.cost = None if cost is None else Decimal(cost)
    return attempt


def answered(*attempts, headers=()):
    """A provider that answers, and lets it be known what each try came to."""

    async def answer(call):
        record = call.record
        record.attempts.extend(attempts)
        costs = [attempt.cost for attempt in attempts if attempt.cost is not None]
        record.cost = sum(costs) if costs else None
        return Reply.of(200, list(headers), b"{}")

    return answer


async def over(call):
    for ending in reversed(call.endings):
        await ending(call.record)


@asynccontextmanager
async def running(policy, one, provider=None):
    """The reply while its call is not over yet."""
    try:
        yield await policy(one, provider or answered())
    finally:
        await over(one)


async def whole(policy, one, provider=None):
    """The reply, or the refusal, of a call that is over."""
    try:
        async with running(policy, one, provider) as reply:
            return reply
    except Refusal as refusal:
        return refusal


def statuses(policy, calls, provider=None):
    """What becomes of calls, one after the other."""

    async def main():
        return [(await whole(policy, one, provider)).status for one in calls]

    return asyncio.run(main())


def header(answer, name):
    return dict(answer.headers).get(name)


LEFT = b"cf-aig-budget-remaining"
THOUSAND = "[{name: all, limit: 0.01, per: 1h}]"
"""A budget of as much as a thousand tokens out."""


def costing(cost, **more):
    return answered(attempted(1, 1, cost, **more))


def left(policy):
    """What a call that costs nothing is told."""
    return header(asyncio.run(whole(policy, call(max_tokens=0), costing("0"))), LEFT)
