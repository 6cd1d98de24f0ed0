"""The universal endpoint: an array of steps, asked in order until one is answered without an error."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final, Protocol, TypeAlias

import msgspec

from gateway.call import Asked, Call, Handler, Headers, Refusal, Reply
from gateway.dialects import verdicts
from gateway.policies import attempts, steps
from gateway.policies.attempts import Outcome
from gateway.policies.steps import Step
from gateway.wire import replies

Strip: TypeAlias = Callable[[Headers, bytes], tuple[Headers, bytes]]
"""Headers and a query without any gateway token in them."""

TRAVELS: Final = (b"accept", b"accept-encoding", b"user-agent")
"""What a step without such a header takes from the request: it concerns the client, not the provider's account."""


class Reads(Protocol):
    """The part of a provider that a step needs."""

    name: str

    def asked(self, path: bytes, query: bytes, content_type: bytes, body: bytes) -> Asked:
        """What a native request is about."""


class Surroundings(msgspec.Struct, frozen=True):
    """What a gateway lends its universal endpoint."""

    providers: Mapping[bytes, Reads]
    """By every slug and alias, `compat` among them."""
    run: Handler
    """The policies within, and the provider."""
    resolve: Callable[[Call], Call]
    """Gives a call to `compat` its provider and its form; leaves any other as it is."""
    strip: Strip
    note: Callable[[Call], object]
    """Writes into the record what a step's own headers ask for: metadata, what is logged. Raises Refusal."""
    total: float
    """Seconds for all steps together."""


class Universal:
    """A gateway's universal endpoint."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    async def __call__(self, call: Call) -> Reply:
        """The first answer without an error, or the last one with; raises Refusal."""
        read = steps.read(call.body)
        alone = not call.body.lstrip().startswith(b"[")
        rows = [self.row(step, "" if alone else f"[{index}].") for index, step in enumerate(read)]
        outcome: Outcome | None = None
        made = call
        for index, (step, row) in enumerate(zip(read, rows, strict=True)):
            time_left = call.record.started + self.around.total - perf_counter()
            if outcome is not None:
                if time_left <= 0:
                    break
                await attempts.hold(made, outcome)
            made = self.made(call, step, row)
            outcome, made = await self.tried(made, index, time_left)
            if not await self.failed(made, outcome):
                break
        assert outcome is not None
        return attempts.answer(outcome)

    def row(self, step: Step, at: str) -> Reads:
        """The provider of a step; raises Refusal 400 where this gateway has none of that name."""
        row = self.around.providers.get(step.provider)
        if row is None:
            shown = "".join(char if " " <= char <= "~" else "?" for char in step.provider[:64].decode("latin-1"))
            raise Refusal(
                400,
                2008,
                "invalid_provider",
                f"{at}provider: Invalid provider: this gateway has no provider {shown}.",
            )
        return row

    def made(self, call: Call, step: Step, row: Reads) -> Call:
        """The call that a step is; its headers win over the request's, and none of our tokens is in them."""
        headers, query = self.around.strip(step.headers, step.query)
        named = {name for name, _ in headers}
        carried = [pair for pair in call.headers if pair[0] in TRAVELS and pair[0] not in named]
        content_type = next(value for name, value in headers if name == b"content-type")
        return Call(
            method="POST",
            provider=row.name,
            path=step.path,
            query=query,
            headers=headers + carried,
            control={**call.control, **step.control},
            body=step.body,
            asked=row.asked(step.path, query, content_type, step.body),
            record=call.record,
            endings=call.endings,
            lease=call.lease,
        )

    async def tried(self, call: Call, index: int, time_left: float) -> tuple[Outcome, Call]:
        """What a step leads to, and the call as it was resolved; what stays in the record is the last step's."""
        record = call.record
        record.step, record.provider, record.asked = index, call.provider, call.asked
        record.path = call.path.decode("latin-1")
        try:
            self.around.note(call)
            call = self.around.resolve(call)
        except Refusal as refusal:
            return refusal, call
        outcome = await attempts.tried(call, self.around.run, time_left)
        # A fallback within has steps of its own.
        record.step = index
        return outcome, call

    @staticmethod
    async def failed(call: Call, outcome: Outcome) -> bool:
        """Whether the next step is to be asked."""
        if isinstance(outcome, Refusal) or outcome.status >= 400:
            return True
        if not attempts.streams(call, outcome):
            return False
        return bool(verdicts.opening(call.asked, attempts.dialect(call), outcome.headers, replies.seen(outcome)))
