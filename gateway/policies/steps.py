"""The body of a universal call: its steps, read strictly; whatever is wrong is said with its place."""

import re
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from gateway.call import Headers, Refusal
from gateway.wire.headers import OURS, incoming
from gateway.wire.paths import unclear

MOST: Final = 1000
"""Steps in one call. Cloudflare has no bound; the call's deadline is over long before as many have been tried."""
MOST_HEADERS: Final = 100
NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
VALUE: Final = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]{0,8192}")
WHERE: Final = re.compile(r" - at `\$(?P<place>.*)`$|$")
JSON: Final = (b"content-type", b"application/json")

Flat: TypeAlias = str | int | float | bool


class Config(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a step says of its retries: the older way of writing cf-aig-* headers."""

    request_timeout: Annotated[int, Meta(ge=1, le=86_400_000)] | None = None
    max_attempts: Annotated[int, Meta(ge=1, le=5)] | None = None
    retry_delay: Annotated[int, Meta(ge=0, le=60_000)] | None = None
    backoff: Literal["constant", "linear", "exponential"] | None = None

    def control(self) -> dict[bytes, bytes]:
        """The same as headers of ours."""
        written = (
            (b"cf-aig-request-timeout", self.request_timeout),
            (b"cf-aig-max-attempts", self.max_attempts),
            (b"cf-aig-retry-delay", self.retry_delay),
            (b"cf-aig-backoff", self.backoff),
        )
        return {name: str(value).encode() for name, value in written if value is not None}


class Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A step as it stands in the body."""

    provider: str
    endpoint: str
    headers: dict[str, Any] = {}
    authorization: str = ""
    query: Raw = Raw()
    config: Config = Config()


class Step(Struct, frozen=True):
    """A step ready to be asked."""

    provider: bytes
    path: bytes
    query: bytes
    headers: Headers
    """What travels on, with a content type."""
    control: dict[bytes, bytes]
    body: bytes


DECODER: Final = msgspec.json.Decoder(list[Written])
ONE: Final = msgspec.json.Decoder(Written)
TEXT: Final = msgspec.json.Decoder(str)


def bad(place: str, sentence: str) -> Refusal:
    """A Refusal 400 that names the place in the body."""
    return Refusal(400, 2111, "invalid_request", f"{place}: {sentence}" if place else sentence)


def read(body: bytes) -> list[Step]:
    """The steps; raises Refusal 400. One object alone is one step."""
    single = body.lstrip()[:1] == b"{"
    try:
        written = [ONE.decode(body)] if single else DECODER.decode(body)
    except msgspec.ValidationError as wrong:
        raise said(str(wrong)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad("", "A universal call is a JSON array of steps {provider, endpoint, headers, query}.") from None
    if not 0 < len(written) <= MOST:
        raise bad("", f"A universal call has 1 to {MOST} steps.")
    return [made(one, "" if single else f"[{index}]") for index, one in enumerate(written)]


def said(message: str) -> Refusal:
    """What msgspec found wrong, with its place before it."""
    found = WHERE.search(message)
    assert found is not None
    place = (found["place"] or "").removeprefix(".")
    # A place may hold a key that the client wrote; it is shown as far as a line can bear it.
    shown = "".join(char if char.isprintable() else "?" for char in place[:80])
    text = message[: found.start()]
    return bad(shown, "".join(char if char.isprintable() else "?" for char in text[:160]) + ".")


def made(written: Written, place: str) -> Step:
    """A step, checked; raises Refusal 400 with the place of what is wrong."""
    at = f"{place}." if place else ""
    endpoint = written.endpoint.removeprefix("/")
    if not endpoint.isascii():
        raise bad(f"{at}endpoint", "percent-encode what is not ASCII.")
    path, _, query = endpoint.encode("ascii").partition(b"?")
    if unclear(path) or unclear_query(query):
        raise bad(f"{at}endpoint", "it holds a dot segment or a byte that is not allowed: send it resolved.")
    headers, control = incoming(pairs(written, at))
    if not any(name == JSON[0] for name, _ in headers):
        headers.append(JSON)
    return Step(
        provider=written.provider.encode("utf-8", "replace"),
        path=path,
        query=query,
        headers=headers,
        control={**written.config.control(), **control},
        body=text(written.query, f"{at}query"),
    )


def unclear_query(query: bytes) -> bool:
    """Whether a query holds bytes that no URL does, or the beginning of a fragment."""
    return b"#" in query or any(byte <= 0x20 or byte >= 0x7F for byte in query)


def pairs(written: Written, at: str) -> Headers:
    """A step's headers as if they had come over the wire; its `authorization` counts where they have none."""
    found: dict[bytes, bytes] = {}
    if len(written.headers) > MOST_HEADERS:
        raise bad(f"{at}headers", f"at most {MOST_HEADERS}.")
    for name, value in written.headers.items():
        if not NAME.fullmatch(name):
            raise bad(f"{at}headers", "a name holds a character that no header's name can.")
        lower = name.lower().encode()
        if lower in found:
            raise bad(f"{at}headers.{name}", "given twice, in upper and lower case.")
        found[lower] = sendable(lower, value, f"{at}headers.{name}")
    if written.authorization and b"authorization" not in found:
        found[b"authorization"] = sendable(b"authorization", written.authorization, f"{at}authorization")
    return list(found.items())


def sendable(name: bytes, value: object, place: str) -> bytes:
    """A header's value as bytes; numbers and switches as text, objects of ours (metadata, costs) as JSON."""
    if isinstance(value, bool | int | float) or (isinstance(value, dict) and name.startswith(OURS)):
        value = msgspec.json.encode(value).decode()
    if not isinstance(value, str):
        raise bad(place, "expected text.")
    line = value.strip(" \t").encode("utf-8", "replace")
    if not VALUE.fullmatch(line):
        raise bad(place, "it holds a line break or a control character, or is longer than 8192 bytes.")
    return line


def text(query: Raw, place: str) -> bytes:
    """The body that a step sends: the JSON as it was written, byte for byte; a string is the body itself."""
    found = bytes(query)
    if found[:1] != b'"':
        return found
    try:
        return TEXT.decode(found).encode()
    except (msgspec.DecodeError, UnicodeError):
        raise bad(place, "this string is no text.") from None
