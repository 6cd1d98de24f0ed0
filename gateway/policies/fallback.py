"""Where a call goes that its provider fails: to the next step, as long as the client has not seen a byte.

A step is only chosen here. Its request is written further in, by the translation that any call with a `form` meets.
"""

import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Final, TypeAlias

import msgspec

from gateway.call import Call, Handler, Headers, Refusal, Reply
from gateway.dialects import DIALECTS, verdicts
from gateway.policies import attempts
from gateway.policies.attempts import Outcome
from gateway.settings.fallback import FallbackStep
from gateway.wire import replies

Causes: TypeAlias = frozenset[str]

CREDENTIALS: Final = frozenset(
    (b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key", b"xi-api-key", b"cookie")
)
"""Never sent to another provider than the one they were sent for, whatever its row says."""
SIGNED: Final = b"x-amz-"
TARGET: Final = b"x-fal-target-url"
ELSEWHERE: Final = frozenset((401, 402, 403, 404, 409, 424))
"""Statuses that tell of the provider, its account or its models, and not of the request."""
FILTERED: Final = frozenset(("context_length", "content_filter"))
REMEMBERED: Final = 1024
"""Models whose steps are remembered; they come from clients."""


class Step(msgspec.Struct, frozen=True):
    """One step, its words taken apart."""

    index: int
    """What cf-aig-step says when it serves: the first provider is 0."""
    provider: str
    model: str
    on: Causes
    first_byte: float | None
    pattern: re.Pattern[str] | None


class Route(msgspec.Struct, frozen=True):
    """Steps that are still to be tried, and what that means for the one before them."""

    steps: tuple[Step, ...]
    patience: float | None = None
    """Seconds to its first byte: no step may have to wait longer."""
    chunks: int = 1
    filtered: bool = False
    """Whether a good status is not all that matters."""

    def __post_init__(self) -> None:
        waits = [one.first_byte for one in self.steps if one.first_byte is not None]
        if waits:
            msgspec.structs.force_setattr(self, "patience", min(waits))
            msgspec.structs.force_setattr(self, "chunks", replies.COMMENTS)
        filtered = any(not FILTERED.isdisjoint(one.on) for one in self.steps)
        msgspec.structs.force_setattr(self, "filtered", filtered)


NOWHERE: Final = Route(())


def step(index: int, block: FallbackStep, names: Mapping[str, str]) -> Step:
    """A step from the settings; `names` leads from a provider's alias to its name."""
    provider, _, model = block.to.partition("/")
    on = frozenset(map(str, block.on)) | ({"timeout"} if block.first_byte else set())
    pattern = None
    if block.only_for:
        wanted, _, of = block.only_for.partition("/")
        text = f"{names.get(wanted, wanted)}/{of or '*'}"
        pattern = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
    first_byte = float(block.first_byte) if block.first_byte else None
    return Step(index, names.get(provider, provider), model, on, first_byte, pattern)


class Fallback:
    """A gateway's fallbacks."""

    def __init__(
        self,
        blocks: Sequence[FallbackStep],
        total: float,
        names: Mapping[str, str],
        dropped: Mapping[str, frozenset[bytes]],
    ) -> None:
        """`dropped` are the headers in which a client may have sent a credential, by provider."""
        self.steps = tuple(step(index, block, names) for index, block in enumerate(blocks, 1))
        self.total, self.dropped = total, dropped
        self.known: dict[tuple[str, str], Route] = {}

    async def __call__(self, call: Call, next: Handler) -> Reply:
        """The first answer that is no failure of a kind that a step is for, or the last failure."""
        known = DIALECTS.get(call.form or call.asked.dialect)
        route = self.route(call) if known is not None and known.operation and call.method == "POST" else NOWHERE
        if not route.steps:
            return await next(call)
        outcome: Outcome
        if route.patience is None and not call.asked.stream:
            try:
                outcome = await next(call)
            except Refusal as refusal:
                outcome = refusal
        else:
            outcome = await attempts.tried(call, next, route.patience, route.chunks)
        if type(outcome) is Reply and outcome.status < 400 and not route.filtered and not call.asked.stream:
            return outcome
        return await Chain(self, call, next, route.steps).run(outcome)

    def route(self, call: Call) -> "Route":
        """The steps that are for a call."""
        key = call.provider, call.asked.model
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            name = "/".join(key)
            steps = tuple(one for one in self.steps if one.pattern is None or one.pattern.fullmatch(name))
            found = self.known[key] = Route(steps)
        return found

    def turned(self, call: Call, to: Step) -> Call:
        """The call as a step makes it; a credential of the client's stays with the provider it was sent for."""
        asked = msgspec.structs.replace(call.asked, model=to.model or call.asked.model)
        headers, query, control = call.headers, call.query, call.control
        if to.provider != call.provider:
            headers, query = self.stripped(call), b""
            control = {name: value for name, value in control.items() if name != TARGET}
        return msgspec.structs.replace(
            call,
            provider=to.provider,
            asked=asked,
            form=attempts.dialect(call),
            headers=headers,
            query=query,
            control=control,
        )

    def stripped(self, call: Call) -> Headers:
        """A call's headers without anything that may be a credential of its provider."""
        slots = self.dropped.get(call.provider, frozenset()) | CREDENTIALS
        return [pair for pair in call.headers if pair[0] not in slots and not pair[0].startswith(SIGNED)]


class Chain:
    """One call's way from step to step."""

    def __init__(self, fallback: Fallback, call: Call, next: Handler, steps: tuple[Step, ...]) -> None:
        self.fallback, self.call, self.next, self.steps = fallback, call, next, steps
        self.told: list[str] = []

    async def run(self, outcome: Outcome) -> Reply:
        """What the client gets, after the first provider's outcome."""
        causes = await self.causes(self.call, outcome)
        left, served, held = self.steps, self.call, False
        while causes and (found := self.following(left, causes)) is not None:
            cause, to, left = found
            time_left = self.call.record.started + self.fallback.total - perf_counter()
            if time_left <= 0:
                break
            outcome = outcome if held else await attempts.hold(served, outcome)
            self.told.append(cause)
            turned = self.fallback.turned(self.call, to)
            answer = await self.outcome(turned, left, time_left)
            if isinstance(answer, Refusal) and answer.status < 500 and answer.status != 429:
                # It cannot be carried there: that is no answer to a client who asked somebody else.
                held = True
                continue
            outcome, served, held = answer, turned, False
            self.note(turned, to)
            causes = await self.causes(turned, outcome)
        if self.told:
            self.call.record.decided = {**self.call.record.decided, "fallback": ",".join(self.told)}
        return attempts.answer(outcome)

    async def outcome(self, call: Call, left: tuple[Step, ...], time_left: float) -> Outcome:
        """What a step leads to."""
        route = Route(left)
        limit = time_left if route.patience is None else min(route.patience, time_left)
        return await attempts.tried(call, self.next, limit, route.chunks)

    def following(self, left: tuple[Step, ...], causes: Sequence[str]) -> tuple[str, Step, tuple[Step, ...]] | None:
        """The cause that counts, the next step that is for it, and those after; None where there is none."""
        for position, to in enumerate(left):
            for cause in causes:
                if cause in to.on:
                    return cause, to, left[position + 1 :]
        return None

    def note(self, call: Call, to: Step) -> None:
        """Write down who is asked now; the dialect stays the client's."""
        record = self.call.record
        record.step, record.provider = to.index, to.provider
        record.asked = msgspec.structs.replace(record.asked, model=call.asked.model)

    async def causes(self, call: Call, outcome: Outcome) -> tuple[str, ...]:
        """The words of the settings for what is wrong with an outcome, the narrower first; none where it is good."""
        if isinstance(outcome, Refusal):
            return by_status(outcome.status) if outcome.status >= 500 or outcome.status == 429 else ()
        try:
            return await self.causes_in(call, outcome)
        except BaseException:
            await outcome.close()
            raise

    async def causes_in(self, call: Call, reply: Reply) -> tuple[str, ...]:
        """The same for a reply, whose body may tell."""
        status, asked, dialect = reply.status, call.asked, attempts.dialect(call)
        if reply.refusal == "provider_timeout":
            return ("timeout",)
        if status >= 400:
            body = (await replies.short(reply) or b"") if status in verdicts.JUDGED else b""
            kind = verdicts.failure(status, body)
            return (kind, *by_status(status)) if kind else by_status(status)
        if attempts.streams(call, reply):
            kind = verdicts.opening(asked, dialect, reply.headers, replies.seen(reply))
            return (kind, "error") if kind in FILTERED else (kind,) if kind else ()
        kind = self.stopped(call, reply) if status == 200 else ""
        return (kind,) if kind else ()

    @staticmethod
    def stopped(call: Call, reply: Reply) -> verdicts.Kind:
        """What ended a whole JSON answer early, by what was metered of it, or else by the answer itself."""
        made = call.record.attempts
        said = made[-1].answer if made else None
        if said is not None and said.finish_reasons:
            return verdicts.stopped(said.finish_reasons)
        return verdicts.whole(call.asked, attempts.dialect(call), replies.seen(reply))


def by_status(status: int) -> tuple[str, ...]:
    """The words of the settings for a status."""
    if status == 429:
        return ("429",)
    if status in (408, 504):
        return ("timeout", "error") if status == 504 else ("timeout",)
    return ("error",) if status >= 500 or status in ELSEWHERE else ()
