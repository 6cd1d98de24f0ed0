"""A kept answer: what of it may be given again, and its bytes in the store, which are checked when they come back."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Final, Literal, TypeAlias
from zlib import crc32

import msgspec

from gateway.call import Answer, Headers

MAGIC: Final = b"gwc2"
HEAD: Final = len(MAGIC) + 4

# What belongs to one exchange, or tells one caller about another's account.
ITS_OWN: Final = frozenset(
    (
        b"date",
        b"age",
        b"expires",
        b"set-cookie",
        b"cf-ray",
        b"cf-cache-status",
        b"x-cache",
        b"server-timing",
        b"alt-svc",
        b"nel",
        b"report-to",
        b"openai-processing-ms",
        b"x-envoy-upstream-service-time",
        b"x-amz-cf-id",
        b"x-amz-cf-pop",
        b"x-served-by",
        b"x-timer",
        b"apim-request-id",
        b"etag",
        b"last-modified",
    )
)
ITS_OWN_WORDS: Final = re.compile(rb"request-?id|correlation-?id|rate-?limit|trace|organi[sz]ation|-project|^cf-aig-")

LENGTH: Final = b"content-length"
FRAMING: Final = frozenset((LENGTH, b"transfer-encoding", b"connection"))
"""Never kept: where the body ends is for this exchange to say."""
KINDS: Final = re.compile(
    rb"(?:(?:text|image)/[^;\s]+|application/(?:json|vnd\.amazon\.eventstream|(?:x-)?ndjson|jsonl))\s*(?:;|$)",
    re.IGNORECASE,
)
STREAMS: Final = re.compile(
    rb"(?:text/event-stream|application/(?:vnd\.amazon\.eventstream|x-ndjson|ndjson|jsonl))\s*(?:;|$)", re.IGNORECASE
)
JSON: Final = re.compile(rb"application/json\s*(?:;|$)", re.IGNORECASE)
BALANCERS: Final = re.compile(
    rb"(?:__cf_bm|_cfuvid|__cflb|__cfwaitingroom|AWSALB(?:TG)?(?:CORS)?|GCLB|ARRAffinity(?:SameSite)?|INGRESSCOOKIE)="
)
"""Cookies of load balancers, which stand on every answer of most providers and say nothing about it."""
UNSOUND: Final = frozenset(("error", "failed", "cancelled", "canceled"))
"""Finish reasons of answers that are whole and no good."""
COST: Final = re.compile(r"(?:[0-9]{1,18}(?:\.[0-9]{1,40})?(?:E-[0-9]{1,2})?)?")
LINES: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9a-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\n)*")


Kind: TypeAlias = Literal["stream", "json", "bytes", ""]


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An answer of status 200, as its provider gave it. Nothing in it changes, or holds what holds it."""

    digest: bytes
    """Of the key it is kept under: bytes that got under another one are of no use there."""
    created: float
    """Wall clock, seconds since 1970."""
    headers: tuple[tuple[bytes, bytes], ...]
    """Without content-length, which the body tells: so they are the same for many answers, and one object."""
    sizes: tuple[int, ...]
    """Bytes of each chunk as it came, where there are several; together they are the body."""
    measured: bool
    """Whether its head says how long it is."""
    cost: str
    """US dollars as a decimal; empty where unknown."""
    tokens_in: int | None
    tokens_out: int | None
    body: bytes

    @property
    def size(self) -> int:
        """About how many bytes it takes in this process, its shared headers left out."""
        return len(self.body) + STRUCT + APIECE * len(self.sizes)

    def chunks(self) -> list[bytes]:
        """The body, cut where it was cut."""
        return [self.body[end - size : end] for size, end in zip(self.sizes, accumulate(self.sizes), strict=True)]


STRUCT: Final = 400
APIECE: Final = 40
"""Bytes that Python itself needs for an answer, and for the size of a chunk."""
SHARED: Final = 4096
"""Bytes of headers that are worth remembering, so that answers can share them."""


DECODE: Final = msgspec.msgpack.Decoder(Kept).decode


def pack(kept: Kept) -> bytes:
    """An answer as the store has it."""
    packed = msgspec.msgpack.encode(kept)
    return MAGIC + crc32(packed).to_bytes(4, "big") + packed


def unpack(value: bytes, digest: bytes) -> Kept | None:
    """The answer in what the store had under the key of `digest`; None where the bytes are not what `pack` made."""
    packed = memoryview(value)[HEAD:]
    if value[: len(MAGIC)] != MAGIC or crc32(packed).to_bytes(4, "big") != value[len(MAGIC) : HEAD]:
        return None
    try:
        kept = DECODE(packed)
    except (msgspec.DecodeError, ValueError):
        return None
    return kept if kept.digest == digest and sound(kept) else None


def sound(kept: Kept) -> bool:
    """Whether an answer from outside can be sent: sizes that fit, headers that are headers, numbers that are."""
    lines = b"".join([b"%b:%b\n" % pair for pair in kept.headers])
    return (
        (not kept.sizes or (sum(kept.sizes) == len(kept.body) and min(kept.sizes) > 0))
        and kept.body != b""
        and 0 <= kept.created < 1e12
        and COST.fullmatch(kept.cost) is not None
        and LINES.fullmatch(lines) is not None
        and FRAMING.isdisjoint([name for name, _ in kept.headers])
        and lines.count(b"\n") == len(kept.headers)
    )


def portable(headers: Headers) -> Headers:
    """The headers that are as true for another caller as for the first."""
    return [pair for pair in headers if not its_own(pair[0])]


def lasting(headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
    """Those of them that are kept, one object for all answers that have the same."""
    found = tuple([pair for pair in headers if not (pair[0] == LENGTH or its_own(pair[0]))])
    return shared(found) if len(b"".join([value for _, value in found])) <= SHARED else found


@lru_cache(256)
def shared(headers: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[bytes, bytes], ...]:
    """The first such headers there were."""
    return headers


@lru_cache(512)
def its_own(name: bytes) -> bool:
    """Whether a header belongs to one exchange; looked at once, as providers send the same ones each time."""
    return name in ITS_OWN or ITS_OWN_WORDS.search(name) is not None


@lru_cache(512)
def kind(content_type: bytes) -> Kind:
    """What an answer of a content type is kept as; empty for one that is not kept."""
    if STREAMS.match(content_type):
        return "stream"
    if JSON.match(content_type):
        return "json"
    return "bytes" if KINDS.match(content_type) else ""


def shareable(status: int, named: Mapping[bytes, bytes], headers: Headers) -> bool:
    """Whether an answer with this head may be given again: a success, of a kind that is kept, for nobody alone."""
    if status != 200 or not kind(named.get(b"content-type", b"")):
        return False
    return b"set-cookie" not in named or all(BALANCERS.match(value) for name, value in headers if name == b"set-cookie")


def complete(
    named: Mapping[bytes, bytes], body: bytes, answer: Answer | None, *, measured: bool, streamed: bool
) -> bool:
    """Whether a body that ended properly also says, in its own words, that it is all there."""
    form, reasons = kind(named.get(b"content-type", b"")), answer.finish_reasons if answer else ()
    if not body or not UNSOUND.isdisjoint([reason.lower() for reason in reasons]):
        return False
    if streamed or form == "stream":
        return bool(reasons) or body[-64:].rstrip().endswith(b"data: [DONE]")
    if b"content-encoding" in named or form != "json":
        return measured
    # Where a reason was read, the whole of it was: a meter has none of JSON that does not end.
    return bool(reasons) or finished(body)


def finished(body: bytes) -> bool:
    """Whether JSON is sound, and does not say that its work goes on elsewhere."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return b'"status"' not in body or not unfinished(body)


class Status(msgspec.Struct):
    """The one member of a JSON answer that says whether the work behind it is done."""

    status: str = ""


def unfinished(body: bytes) -> bool:
    """Whether a JSON answer only says that its work goes on elsewhere."""
    try:
        return msgspec.json.decode(body, type=Status).status in ("queued", "in_progress", "processing", "starting")
    except msgspec.DecodeError:
        return False
