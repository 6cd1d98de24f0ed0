"""Asking a provider again that failed, as long as the client has not seen a byte.

A wait is never shorter than what was asked for; chance lengthens it. What a provider says of its limits counts for all
calls with the same key: they wait too, or are refused where that would take too long.
"""

from collections.abc import Awaitable, Mapping
from math import ceil
from typing import Final

import msgspec

from gateway.call import Call, Handler, Refusal, Reply
from gateway.dialects import hints, verdicts
from gateway.policies import attempts
from gateway.policies.rests import Rests
from gateway.policies.timing import REAL, Timing
from gateway.settings.retry import Backoff
from gateway.settings.retry import Retry as Block
from gateway.wire import replies
from gateway.wire.wishes import Control, bad

ATTEMPTS: Final = b"cf-aig-max-attempts"
DELAY: Final = b"cf-aig-retry-delay"
BACKOFF: Final = b"cf-aig-backoff"
OURS: Final = frozenset((ATTEMPTS, DELAY, BACKOFF))
BACKOFFS: Final[dict[bytes, Backoff]] = {b"constant": "constant", b"linear": "linear", b"exponential": "exponential"}
IDEMPOTENCY: Final = b"idempotency-key"
SURE: Final = frozenset(("408", "429"))
"""What is said of a request that was certainly not carried out."""
LATE: Final = frozenset((408, 504))
UNANSWERED: Final = {
    "provider_unreachable": "connect",
    "stream_broken": "connect",
    "provider_timeout": "timeout",
}
SPREAD: Final = 5.0
"""Seconds over which calls at most are spread that waited for the same key."""


class Rules(msgspec.Struct, frozen=True):
    """How one call is repeated."""

    attempts: int
    delay: float
    backoff: Backoff
    longest: float
    jitter: float
    on: frozenset[str]

    @classmethod
    def of(cls, block: Block, attempts: int) -> "Rules":
        """The rules that a block of settings holds."""
        on = frozenset(map(str, block.on))
        return cls(attempts, float(block.delay), block.backoff, float(block.max_delay), block.jitter, on)

    def wait(self, number: int, draw: float) -> float:
        """Seconds between attempt `number` and the next, lengthened by chance."""
        if self.backoff == "linear":
            wait = self.delay * number
        elif self.backoff == "exponential":
            wait = self.delay * 2 ** (number - 1)
        else:
            wait = self.delay
        return min(wait * (1 + self.jitter * draw), self.longest)


def asked(rules: Rules, control: Control) -> Rules:
    """The rules as the call's own headers change them; raises Refusal 400."""
    if (text := control.get(ATTEMPTS)) is not None:
        if text not in (b"1", b"2", b"3", b"4", b"5"):
            raise bad(ATTEMPTS.decode(), "give a number from 1 to 5.")
        rules = msgspec.structs.replace(rules, attempts=int(text))
    if (text := control.get(DELAY)) is not None:
        if len(text) > 5 or not text.isdigit() or int(text) > 60_000:
            raise bad(DELAY.decode(), "give milliseconds between 0 and 60000.")
        delay = int(text) / 1000
        rules = msgspec.structs.replace(rules, delay=delay, longest=max(rules.longest, delay))
    if (text := control.get(BACKOFF)) is not None:
        if text not in BACKOFFS:
            raise bad(BACKOFF.decode(), "say `constant`, `linear` or `exponential`.")
        rules = msgspec.structs.replace(rules, backoff=BACKOFFS[text])
    return rules


class Retry:
    """A gateway's retries. Without a block in its settings there are none but those that a call's headers ask for."""

    def __init__(
        self, block: Block | None, total: float, slots: Mapping[str, frozenset[bytes]], timing: Timing = REAL
    ) -> None:
        self.rules = Rules.of(block or Block(), block.attempts if block else 1)
        self.total, self.timing = total, timing
        self.rests = Rests(slots, timing.now)

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """The first answer that is no failure, or the last failure."""
        rules = self.rules
        if call.control and not OURS.isdisjoint(call.control):
            rules = asked(rules, call.control)
        if rules.attempts == 1:
            return next(call)
        return self.begun(call, next, rules)

    async def begun(self, call: Call, next: Handler, rules: Rules) -> Reply:
        """The first answer of a call that is no stream is mostly what it is: there is nothing to look into."""
        if call.asked.stream or self.rests.rests:
            return await Series(self, call, next, rules).run()
        reply = await next(call)
        return reply if reply.status < 400 else await Series(self, call, next, rules).run(reply)


class Series:
    """The attempts of one call."""

    def __init__(self, retry: Retry, call: Call, next: Handler, rules: Rules) -> None:
        self.retry, self.call, self.next, self.rules = retry, call, next, rules
        self.timing = retry.timing
        self.waited = 0.0

    async def run(self, reply: Reply | None = None) -> Reply:
        """Attempt after attempt, until one is no failure, or no other may follow; the first may have been made."""
        number = 1
        while True:
            if reply is None:
                if self.retry.rests.rests:
                    await self.rest()
                reply = await self.attempt(number)
            try:
                wait = await self.wait(reply, number)
            except BaseException:
                await reply.close()
                raise
            if wait is None:
                return reply
            await replies.drop(reply)
            await self.pause(wait)
            reply = None
            number += 1
            decided = {**self.call.record.decided, "retry": number - 1, "retry_wait_ms": round(self.waited * 1000)}
            self.call.record.decided = decided

    async def attempt(self, number: int) -> Reply:
        """One answer, a stream up to its first chunk; what is not the first must begin before the call's time is up."""
        return await attempts.within(self.call, self.next, self.time_left() if number > 1 else None)

    def time_left(self) -> float:
        """Seconds until the call's whole time is up."""
        return self.call.record.started + self.retry.total - self.timing.now()

    async def wait(self, reply: Reply, number: int) -> float | None:
        """Seconds after which to try again; None where the reply goes to the client."""
        trouble = self.trouble(reply)
        if not trouble:
            return None
        hint, hopeless = await self.hint(reply)
        if hopeless or number >= self.rules.attempts or not self.may_repeat(trouble):
            return None
        draw = self.timing.draw()
        wait = self.rules.wait(number, draw)
        if hint is not None:
            if hint > self.rules.longest:
                return None
            wait = max(wait, hint + min(SPREAD, hint * self.rules.jitter) * draw)
        return wait if wait < self.time_left() else None

    def trouble(self, reply: Reply) -> str:
        """What is wrong with a reply that another try may mend: a word of the settings, or a status; else nothing."""
        on, status = self.rules.on, reply.status
        if status < 400:
            return self.trouble_in_stream(reply)
        if reply.header(b"x-should-retry") == b"false":
            return ""
        named = str(status)
        if word := UNANSWERED.get(reply.refusal):
            return word if word in on or named in on else ""
        known = named in on or (status >= 500 and "5xx" in on) or (status in LATE and "timeout" in on)
        return named if known else ""

    def trouble_in_stream(self, reply: Reply) -> str:
        """`5xx` for a stream that begins with an error which is not the conversation's own fault."""
        if "5xx" not in self.rules.on or not attempts.streams(self.call, reply):
            return ""
        kind = verdicts.opening(self.call.asked, attempts.dialect(self.call), reply.headers, replies.seen(reply))
        return "5xx" if kind == "error" else ""

    def may_repeat(self, trouble: str) -> bool:
        """Whether another try does nothing twice that must be done once."""
        call = self.call
        if trouble in SURE or verdicts.repeatable(call.method, attempts.dialect(call)):
            return True
        return any(name == IDEMPOTENCY for name, _ in call.headers)

    async def hint(self, reply: Reply) -> tuple[float | None, bool]:
        """When the provider wants to be asked again, which after a 429 holds for its key; and whether it is no use."""
        body = (await replies.short(reply) or b"") if reply.status == 429 else b""
        hint = hints.wait(reply.status, reply.headers, body, self.timing.wall())
        hopeless = bool(body) and verdicts.pointless(body)
        if hint and reply.status == 429 and not hopeless:
            rests = self.retry.rests
            rests.begin(rests.whose(self.call), hint)
        return hint, hopeless

    async def rest(self) -> None:
        """Wait until the call's key may be used; raises Refusal 429 where that would take too long."""
        rests, spent = self.retry.rests, 0.0
        whose = rests.whose(self.call)
        while (left := rests.left(whose)) > 0:
            if spent + left > min(self.rules.longest, self.time_left()):
                raise Refusal(
                    429,
                    2003,
                    "provider_rate_limited",
                    f"{self.call.provider} has asked not to be called with this key for another {ceil(left)} seconds.",
                    [(b"retry-after", b"%d" % ceil(left))],
                )
            wait = left + min(SPREAD, max(0.05, left * self.rules.jitter)) * self.timing.draw()
            spent += wait
            await self.pause(wait)

    async def pause(self, seconds: float) -> None:
        """Let time pass, which is the provider's and not the gateway's."""
        self.waited += seconds
        self.call.record.waited += seconds
        await self.timing.sleep(seconds)
