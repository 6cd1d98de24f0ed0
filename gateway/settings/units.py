"""Scalars with a unit or a secret, as a user writes them.

Each type carries its own JSON Schema, `SCHEMA`, and `read`, which turns what is written into the type. `read` accepts
exactly what SCHEMA accepts and raises ValueError, without the value in its text, for anything else.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, Protocol

Schema = dict[str, Any]

# Python's `$` also matches before a last line break, ECMAScript's (which editors use) does not: this makes them agree.
END: Final = r"$(?!\n)"

DURATION: Final = r"^(0|[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h|d))" + END
DEADLINE: Final = r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h|d)" + END
SIZE: Final = r"^[0-9]{1,12}(B|KiB|MiB|GiB|KB|MB|GB)?" + END
MONEY: Final = r"^[0-9]{1,9}(\.[0-9]{1,18})?" + END
STATE: Final = r"^(memory|rediss?(\+cluster)?://\S+)" + END
PROXY: Final = r"^(https?|socks5h?)://[^\s/?#]+/?" + END
ALIAS: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}" + END

SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES: Final = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LARGEST_SIZE: Final = 10**12
DEAREST: Final = 10**9


class Readable(Protocol):
    """A type of this module, as seen by msgspec's dec_hook."""

    SCHEMA: ClassVar[Schema]

    @classmethod
    def read(cls, written: Any) -> Any:  # noqa: ANN401 - what stands in a file can be anything
        """An instance from what stands in the file."""


class Written:
    """A default as a user would write it: makes the value, and shows in the schema as written."""

    def __init__(self, type: type[Readable], written: str | int) -> None:
        self.written = written
        self.value = type.read(written)

    def __call__(self) -> object:
        """The value itself: nothing of this module changes after it was made."""
        return self.value


def matched(pattern: str, written: object) -> str:
    """`written` if it is text that fits `pattern`; raises ValueError otherwise."""
    if isinstance(written, str) and re.search(pattern, written):
        return written
    raise ValueError("not as its pattern says")


class Duration(float):
    """A time in seconds, written `250ms`, `30s`, `5m`, `1h` or `30d`; nothing at all is `0`."""

    PATTERN: ClassVar = DURATION
    SCHEMA: ClassVar[Schema] = {
        "type": ["string", "integer"],
        "title": "duration",
        "pattern": DURATION,
        "minimum": 0,
        "maximum": 0,
        "examples": ["30s", "250ms", "5m"],
    }

    @classmethod
    def read(cls, written: object) -> "Duration":
        """Seconds; a plain number is one only where it is 0."""
        if written == 0 and type(written) is int and cls.PATTERN == DURATION:
            return cls(0)
        number, unit = re.findall(r"^([0-9.]+)([a-z]*)", matched(cls.PATTERN, written))[0]
        return cls(float(number) * SECONDS.get(unit, 1.0))


class Deadline(Duration):
    """A Duration longer than nothing: a deadline of 0 would fail every call."""

    PATTERN: ClassVar = DEADLINE
    SCHEMA: ClassVar[Schema] = {
        "type": "string",
        "title": "duration above 0",
        "pattern": DEADLINE,
        "examples": ["30s", "250ms", "5m"],
    }


class Size(int):
    """A number of bytes, written `25MiB`, `64KB` or plain."""

    SCHEMA: ClassVar[Schema] = {
        "type": ["string", "integer"],
        "title": "size",
        "pattern": SIZE,
        "minimum": 0,
        "maximum": LARGEST_SIZE,
        "examples": ["25MiB", "64KiB"],
    }

    @classmethod
    def read(cls, written: object) -> "Size":
        """Bytes, from text or from a plain number."""
        if type(written) is int and 0 <= written <= LARGEST_SIZE:
            return cls(written)
        number, unit = re.findall(r"^([0-9]+)([A-Za-z]*)", matched(SIZE, written))[0]
        return cls(int(number) * BYTES[unit])


class Money(Decimal):
    """An amount in US dollars, never negative and never rounded: the digits that stand in the file."""

    SCHEMA: ClassVar[Schema] = {
        "type": ["number", "string"],
        "title": "price",
        "minimum": 0,
        "maximum": DEAREST,
        "pattern": MONEY,
        "examples": [0.15, "0.15"],
    }

    @classmethod
    def read(cls, written: object) -> "Money":
        """A decimal, from text or from a number."""
        if type(written) in (int, float) and 0 <= written <= DEAREST:  # type: ignore[operator]  # a number, as tested
            return cls(repr(written))
        return cls(matched(MONEY, written))


class Secret(str):
    """Text that no output may show: its repr is a mask, and only `reveal` gives the value away."""

    __slots__ = ()
    SCHEMA: ClassVar[Schema] = {"type": "string", "minLength": 1}

    @classmethod
    def read(cls, written: object) -> "Secret":
        """The secret that `written` is, references already resolved."""
        return cls(matched(r"(?s).", written))

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    __format__ = None  # type: ignore[assignment]  # an f-string with a secret in it is a bug: let it fail

    def reveal(self) -> str:
        """The value itself, for the one place that signs or hashes with it."""
        return str.__str__(self)


class Proxy(Secret):
    """The URL of a proxy; a secret, since a password may stand in it."""

    __slots__ = ()
    SCHEMA: ClassVar[Schema] = {
        "type": "string",
        "title": "proxy URL",
        "pattern": PROXY,
        "examples": ["http://proxy.internal:3128"],
    }

    @classmethod
    def read(cls, written: object) -> "Proxy":
        """The URL, if its scheme is that of a proxy."""
        return cls(matched(PROXY, written))


class State(Secret):
    """Where shared state is kept: `memory`, or a Redis URL; a secret, since a password may stand in it."""

    __slots__ = ()
    SCHEMA: ClassVar[Schema] = {
        "type": "string",
        "title": "`memory` or Redis URL",
        "pattern": STATE,
        "examples": ["redis://redis.internal:6379/0"],
    }

    @classmethod
    def read(cls, written: object) -> "State":
        """The place, if it is of a form that there is."""
        return cls(matched(STATE, written))


class Keys(dict[str, tuple[Secret, ...]]):
    """Provider keys by alias: written as one key, a list to rotate through, or either of them by alias."""

    _ONE: ClassVar[Schema] = {"type": "string", "minLength": 1}
    _SOME: ClassVar[list[Schema]] = [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]
    SCHEMA: ClassVar[Schema] = {
        "title": "provider key",
        "anyOf": [
            *_SOME,
            {
                "type": "object",
                "description": "Keys by alias; a client picks one with cf-aig-byok-alias, else `default`.",
                "propertyNames": {"title": "key alias", "pattern": ALIAS, "examples": ["default"]},
                "additionalProperties": {"anyOf": _SOME},
                "minProperties": 1,
            },
        ],
    }

    @classmethod
    def read(cls, written: object) -> "Keys":
        """The three ways of writing them as one: alias to keys; without an alias it is `default`."""
        by_alias = written if isinstance(written, dict) else {"default": written}
        if not by_alias:
            raise ValueError("no key")
        return cls({matched(ALIAS, alias): ring(some) for alias, some in by_alias.items()})


def ring(written: object) -> tuple[Secret, ...]:
    """One key, or a list of them, as a tuple; raises ValueError where there is none."""
    some = written if isinstance(written, list) else [written]
    if not some:
        raise ValueError("no key")
    return tuple(Secret.read(one) for one in some)


class Drain:
    """How a running gateway goes away: `30s` for its streams to finish, or `{delay: 5s, timeout: 30s}`."""

    SCHEMA: ClassVar[Schema] = {
        "title": "drain",
        "anyOf": [
            Duration.SCHEMA,
            {
                "type": "object",
                "description": "The two phases apart.",
                "additionalProperties": False,
                "properties": {
                    "delay": Duration.SCHEMA
                    | {"description": "How long calls are still accepted after /readyz has turned 503."},
                    "timeout": Duration.SCHEMA | {"description": "How long running streams may then take to finish."},
                },
            },
        ],
    }

    def __init__(self, delay: float = 0.0, timeout: float = 30.0) -> None:
        self.delay, self.timeout = delay, timeout

    @classmethod
    def read(cls, written: object) -> "Drain":
        """Both ways of writing it."""
        if not isinstance(written, dict):
            return cls(timeout=Duration.read(written))
        if not written.keys() <= {"delay", "timeout"}:
            raise ValueError("an unknown key")
        return cls(**{name: Duration.read(text) for name, text in written.items()})

    def __repr__(self) -> str:
        return f"Drain(delay={self.delay}, timeout={self.timeout})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Drain) and (self.delay, self.timeout) == (other.delay, other.timeout)

    __hash__: ClassVar[Callable[..., int] | None] = None  # type: ignore[assignment]  # as for any type that compares


def instant(day: str) -> float:
    """Seconds since 1970 of a Day such as `2027-01-01` or `2027-01-01T08:30Z`; ValueError for 30 February."""
    return datetime.fromisoformat(day.removesuffix("Z")).replace(tzinfo=UTC).timestamp()
