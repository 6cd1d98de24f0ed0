"""Leaving out for a while what keeps failing: a model of a provider, or a provider's host.

What counts is this process's own experience. A model fails by any failure, a host only by those in which nobody
answered: one model's errors leave the others in.
"""

import asyncio
from collections.abc import Callable
from math import ceil
from typing import Final, TypeAlias

import msgspec

from gateway.call import Call, Handler, Record, Refusal, Reply
from gateway.policies.circuit import Circuit, Limits, State
from gateway.policies.timing import REAL, Timing
from gateway.settings.breaker import CircuitBreaker

Place: TypeAlias = tuple[str, str]
"""`model` and provider/model, or `host` and its name."""

MOST: Final = 4096
"""Circuits that are kept; models come from clients."""
UNANSWERED: Final = frozenset(("provider_unreachable", "provider_timeout"))
BROKEN: Final = {"stream_broken": "error", "timeout": "timeout"}
"""How an attempt may end after its head was good, in the words of the settings."""


class Standing(msgspec.Struct, frozen=True):
    """One circuit as /metrics and `gateway explain` show it."""

    kind: str
    """model or host"""
    name: str
    state: State
    failures: int
    """Of those that are remembered, while it is closed."""
    opened: int
    """How often it has opened."""
    seconds: float
    """Until it is tried again."""


class Passage(msgspec.Struct):
    """A call on its way through the circuits of its places."""

    model: Place
    host: Place
    probes: tuple[Place, ...] = ()


class Breaker:
    """A gateway's circuits."""

    def __init__(
        self, block: CircuitBreaker, host: Callable[[Call], str] = lambda call: call.provider, timing: Timing = REAL
    ) -> None:
        self.limits = Limits(block.failures, float(block.per), block.ratio, float(block.open))
        self.on = frozenset(map(str, block.on))
        self.host, self.now = host, timing.now
        self.circuits: dict[Place, Circuit] = {}

    async def __call__(self, call: Call, next: Handler) -> Reply:
        """What `next` answers, or a 503 while the call's model or host is left out."""
        passage = self.enter(call) if self.circuits else None
        before = len(call.record.attempts)
        try:
            reply = await next(call)
            self.ended(call, reply, passage, before)
            return reply
        except asyncio.CancelledError:
            # Only at the call's end is it known whether the client left, or whether the answer was too late.
            self.watch(call, before, passage or self.passage(call), good=False)
            raise
        finally:
            for place in passage.probes if passage else ():
                if circuit := self.circuits.get(place):
                    circuit.leave()

    def passage(self, call: Call) -> Passage:
        """The places that a call is about."""
        return Passage(("model", f"{call.provider}/{call.asked.model}"), ("host", self.host(call)))

    def enter(self, call: Call) -> Passage:
        """Let a call through, as a probe where one is wanted; raises Refusal 503."""
        passage, now = self.passage(call), self.now()
        found = [(place, self.circuits.get(place)) for place in (passage.host, passage.model)]
        for (_, name), circuit in found:
            if circuit is not None and (wait := circuit.wait(now)) > 0:
                call.record.decided = {**call.record.decided, "circuit_breaker": circuit.state(now)}
                raise left_out(name, wait)
        passage.probes = tuple(place for place, circuit in found if circuit is not None and circuit.enter())
        if passage.probes:
            call.record.decided = {**call.record.decided, "circuit_breaker": "probe"}
        return passage

    def ended(self, call: Call, reply: Reply, passage: Passage | None, before: int) -> None:
        """Count how a call ended, as far as its head tells."""
        status = reply.status
        if status >= 500 or status == 429:
            word = "429" if status == 429 else "timeout" if status == 504 else "error"
            if word in self.on:
                self.count(passage or self.passage(call), word, answered=reply.refusal not in UNANSWERED)
                return
        probes = bool(passage and passage.probes)
        if call.asked.stream and status == 200:
            self.watch(call, before, passage or self.passage(call), good=not probes)
            if not probes:
                return
        if self.circuits:
            self.count(passage or self.passage(call), "", answered=True)

    def count(self, passage: Passage, word: str, *, answered: bool) -> None:
        """Tell both circuits; one that has nothing to remember is let go."""
        now = self.now()
        for place, failed in ((passage.host, not answered), (passage.model, True)):
            probe = place in passage.probes
            if failed and word in self.on:
                self.circuit(place, now).fail(now, probe=probe)
            elif circuit := self.circuits.get(place):
                circuit.succeed(probe=probe)
                if circuit.quiet(now):
                    del self.circuits[place]

    def watch(self, call: Call, before: int, passage: Passage, *, good: bool) -> None:
        """Count an attempt at the call's end: when it broke off, or was found late, and a `good` end too."""
        made = call.record.attempts[before:]
        if not made:
            return
        last = made[-1]

        async def count(record: Record) -> None:
            """An ending: what became of the attempt."""
            word = BROKEN.get(last.error, "")
            if word in self.on:
                self.count(passage, word, answered=last.first_chunk > 0)
            elif good and self.circuits:
                self.count(passage, "", answered=True)

        call.at_end(count)

    def circuit(self, place: Place, now: float) -> Circuit:
        """The circuit of a place, made where there is none; makes room first."""
        found = self.circuits.get(place)
        if found is None:
            if len(self.circuits) >= MOST:
                self.circuits = {known: one for known, one in self.circuits.items() if not one.quiet(now)}
                while len(self.circuits) >= MOST:
                    del self.circuits[next(iter(self.circuits))]
            found = self.circuits[place] = Circuit(self.limits)
        return found

    def states(self) -> list[Standing]:
        """Every circuit that remembers something; a place that is not here is closed."""
        now = self.now()
        return [
            Standing(kind, name, one.state(now), len(one.failed_at), one.opened, one.wait(now))
            for (kind, name), one in self.circuits.items()
        ]


def left_out(name: str, wait: float) -> Refusal:
    """A Refusal 503 that says when to come again."""
    return Refusal(
        503,
        2112,
        "circuit_open",
        f"{name} keeps failing and is left out for now: try again in {ceil(wait)} seconds.",
        [(b"retry-after", b"%d" % ceil(wait))],
    )
