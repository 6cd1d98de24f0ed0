"""One exchange: the Call that came in, the Reply that goes out, and the Record of what happened.

Everything else in the package imports this module; it imports nothing of the package.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

Headers: TypeAlias = list[tuple[bytes, bytes]]
"""Names in lower case, in the order they came, repeats kept."""


class Remembered(list[tuple[bytes, bytes]]):
    """Headers that many calls share, and what was made of them; the new list of a changed call begins without that."""

    __slots__ = ("made",)

    def __init__(self, headers: Headers) -> None:
        super().__init__(headers)
        self.made: dict[object, Any] = {}


Tap: TypeAlias = Callable[[bytes], object]
Close: TypeAlias = Callable[[], Awaitable[None]]
Outcome: TypeAlias = Literal["served", "refused", "failed", "abandoned"]


class Usage(msgspec.Struct, omit_defaults=True):
    """Tokens by class, as the provider counted them; None where it did not say.

    As in OpenTelemetry's GenAI conventions (v1.41.1) input includes cache reads and writes, output includes reasoning.
    The names are those of Cloudflare's `usage_metadata`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_cached_tokens: int | None = None
    input_cache_write_tokens: int | None = None
    input_cache_write_1h_tokens: int | None = None
    output_reasoning_tokens: int | None = None
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None


class Answer(msgspec.Struct):
    """What a dialect's meter read out of a provider's answer; empty where the provider did not say."""

    usage: Usage | None = None
    model: str = ""
    id: str = ""
    finish_reasons: tuple[str, ...] = ()
    error: str = ""
    """The provider's own error code or type, also when it came inside a 200 or in mid-stream."""
    service_tier: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What a request asks for, as far as the gateway needs to know; read once, before any policy runs."""

    operation: str = ""
    """OpenTelemetry's name: chat, text_completion, generate_content, embeddings, ...; empty for anything else."""
    dialect: str = ""
    """The wire format of request and answer: a key of `gateway.dialects.DIALECTS`, empty when unknown."""
    model: str = ""
    stream: bool = False
    parameters: dict[str, Any] = {}
    """Span attributes by their OpenTelemetry name, such as gen_ai.request.max_tokens."""


class Trace(msgspec.Struct):
    """The SERVER span's place in a trace: W3C ids in lower-case hex, and whether it is recorded."""

    trace_id: str
    span_id: str
    parent_id: str = ""
    state: str = ""
    sampled: bool = False


class Attempt(msgspec.Struct):
    """One try at one provider."""

    provider: str
    asked: Asked
    started: float
    """Seconds on the clock of time.perf_counter, as everywhere in a Record but `Record.created`."""
    address: str = ""
    port: int = 0
    key_alias: str = ""
    status: int = 0
    first_chunk: float = 0.0
    ended: float = 0.0
    error: str = ""
    """timeout, unreachable, stream_broken, cancelled, the provider's own code, or the status of a failure."""
    answer: Answer | None = None
    cost: Decimal | None = None
    span_id: str = ""


class Record(msgspec.Struct):
    """What happened to one call: the only source of its log line, its spans and its metrics."""

    id: str
    created: int
    """Wall clock, nanoseconds since 1970."""
    started: float
    account: str = ""
    gateway: str = ""
    config_version: str = ""
    surface: str = "native"
    method: str = ""
    path: str = ""
    """What follows the provider in the URL, without the query: queries carry keys."""
    provider: str = ""
    asked: Asked = Asked()
    token: str = ""
    metadata: dict[str, str | int | float | bool] = {}
    event_id: str = ""
    user_agent: str = ""
    client_address: str = ""
    request_type: str = ""
    response_type: str = ""
    request_size: int = 0
    response_size: int = 0
    status: int = 0
    outcome: Outcome = "served"
    refusal: str = ""
    """The snake_case code of the gateway's own error."""
    step: int = 0
    cached: bool = False
    decided: dict[str, str | int | float | bool] = {}
    """What policies decided, by a name of theirs; a new mapping replaces it, this one is shared."""
    attempts: list[Attempt] = msgspec.field(default_factory=list)
    cost: Decimal | None = None
    """The sum over the attempts, US dollars; None when any token went unpriced or nothing was metered."""
    unpriced: bool = False
    custom_cost: bool = False
    waited: float = 0.0
    """Seconds up to the answer's head that were spent waiting for the client's body or for a provider."""
    head_sent: float = 0.0
    ended: float = 0.0
    overhead: float = 0.0
    """Seconds the gateway itself spent up to the answer's head."""
    trace: Trace | None = None
    collect_log: bool = True
    collect_payload: bool = False
    keep_payload: bool = False
    """Bodies are kept, for the log or for the spans."""
    request_payload: bytes | None = None
    response_payload: bytes | None = None


class Lease(Protocol):
    """What ends a call early whose client leaves, for a policy with which others wait for the answer."""

    def hold(self, left: Callable[[], object]) -> None:
        """Let the call go on without its client, if need be; `left` is called in the moment in which it leaves."""

    def release(self) -> None:
        """Take that back: a call whose client has left meanwhile is cancelled now."""


Ending: TypeAlias = Callable[[Record], Awaitable[None]]


class Call(msgspec.Struct, frozen=True, dict=True):
    """A request on its way in, its body whole. It never changes; whoever wants another uses `replace`."""

    method: str
    provider: str
    """The name of the provider's row: an alias in the URL is already resolved."""
    path: bytes
    """Raw bytes after the provider, without a leading slash and without the query."""
    query: bytes
    headers: Headers
    """What may travel on: no hop-by-hop header, nothing of ours, no trace context."""
    control: dict[bytes, bytes]
    """Our own request headers: cf-aig-*, the trace context, x-fal-target-url."""
    body: bytes
    asked: Asked
    record: Record
    form: str = ""
    """The dialect of the body, where it is not yet in the form its provider takes (`gateway.compat.translate`)."""
    endings: list[Ending] = msgspec.field(default_factory=list)
    lease: Lease | None = None

    @cached_property
    def json(self) -> object:
        """The body as JSON, parsed on first use; most calls never ask. Raises msgspec.DecodeError."""
        return msgspec.json.decode(self.body)

    def at_end(self, ending: Ending) -> None:
        """Run `ending` once the last byte has gone out, or it is certain that none will."""
        self.endings.append(ending)


async def nothing() -> None:
    """Close what holds nothing open."""


class Reply(msgspec.Struct):
    """An answer on its way out. Its body is still to come: to watch it, add a tap. Whoever drops a reply closes it."""

    status: int
    headers: Headers
    body: AsyncIterator[bytes]
    length: int | None = None
    """Bytes the body will have, when that is known."""
    taps: list[Tap] = msgspec.field(default_factory=list)
    close: Close = nothing
    refusal: str = ""
    """The code of the gateway's own error, where this is one and not a provider's answer."""

    def header(self, name: bytes) -> bytes:
        """The first header called `name` (lower case), or nothing."""
        return next((value for key, value in self.headers if key == name), b"")

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes) -> "Reply":
        """A reply whose body is already whole."""
        return cls(status, headers, Whole(body), length=len(body))


class Whole:
    """A body that is all there: one chunk, or none when it is empty.

    A class, not an async generator, which every event loop enters into a set of its own at the first step (3 us).
    """

    __slots__ = ("left",)

    def __init__(self, body: bytes) -> None:
        self.left = body

    def __aiter__(self) -> "Whole":
        return self

    @property
    def ended(self) -> bool:
        """Whether it was handed out."""
        return not self.left

    async def __anext__(self) -> bytes:
        if body := self.left:
            self.left = b""
            return body
        raise StopAsyncIteration


Handler: TypeAlias = Callable[[Call], Awaitable[Reply]]


class Policy(Protocol):
    """A rule around a handler: it may refuse the call, change it, repeat it, or look at what comes back."""

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """Answer `call`, usually with what `next` answers; an async function is one."""


class Refusal(Exception):  # noqa: N818 - a no of the gateway's, not a fault
    """The gateway's own no, and the only exception that crosses the pipeline.

    `status` is HTTP's, `number` Cloudflare's code (spec 13.2), `code` a snake_case word that never changes, and
    `sentence` says what to do, without a secret in it.
    """

    def __init__(self, status: int, number: int, code: str, sentence: str, headers: Headers | None = None) -> None:
        super().__init__(sentence)
        self.status, self.number, self.code, self.sentence = status, number, code, sentence
        self.headers: Headers = headers or []


class Broken(Exception):  # noqa: N818 - a fact about a stream, named as the record names it
    """A body that ended before its end: the only way in which the network raises, once a reply's head is out."""
