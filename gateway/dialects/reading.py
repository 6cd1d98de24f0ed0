"""Typed JSON reading that survives nonsense: a field of a wrong type is as if it were absent, the rest still counts.

The fast way is one typed msgspec decode that skips every field nobody asked for. Only when that refuses is the document
taken apart field by field.
"""

import re
from functools import cache
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar, get_args, get_origin

from msgspec import DecodeError, Meta, Raw, Struct, ValidationError, defstruct
from msgspec.json import Decoder
from msgspec.structs import fields

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)] | None
"""A number of tokens; what is negative, broken or beyond 2**53 is not one."""

NAME: Final = 256
"""Characters kept of a name: model ids and finish reasons are far shorter."""

SMALL: Final = 2**16
MANY: Final = 50_000
"""Objects that a list of a document beyond SMALL bytes may have; each costs about 100 bytes of memory."""

SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
BOM: Final = b"\xef\xbb\xbf"

S = TypeVar("S", bound=Struct)


class Shape(Generic[S]):
    """What is read of a JSON document: the fields of one struct."""

    __slots__ = ("_fast", "kind")

    def __init__(self, kind: type[S]) -> None:
        self.kind = kind
        self._fast = Decoder(kind).decode

    def read(self, text: bytes) -> S | None:
        """The struct, or None where the text is no JSON object."""
        if len(text) > SMALL and text.count(b"{") > MANY:
            return loosely(self.kind, text)
        try:
            return self._fast(text)
        except ValidationError:
            return loosely(self.kind, text)
        except RecursionError:
            return None
        except ValueError:
            return self._repaired(text)

    def _repaired(self, text: bytes) -> S | None:
        """A second try for half surrogate pairs, broken UTF-8 and byte order marks, which msgspec refuses."""
        mended = SURROGATE.sub(rb"\\ufffd", text.removeprefix(BOM)).decode("utf-8", "replace").encode()
        return None if mended == text else loosely(self.kind, mended)


def loosely(kind: type[S], text: bytes | Raw) -> S | None:
    """The struct with whatever fields can be read."""
    try:
        parts = _loose(kind).decode(text)
    except (DecodeError, RecursionError):
        return None
    plan = {name: _field(hint, getattr(parts, name)) for name, hint in _hints(kind).items()}
    return kind(**{name: value for name, value in plan.items() if value is not None})


def _field(hint: Any, raw: Raw) -> Any:  # noqa: ANN401 - any type a field of a struct can have
    """`raw` decoded as `hint` allows; None where it is absent or of another type."""
    if not bytes(raw):
        return None
    try:
        if not _crowded(raw):
            return _decoder(hint).decode(raw)
    except (DecodeError, RecursionError):
        pass
    return _nested(hint, raw)


def _crowded(raw: Raw) -> bool:
    """Whether the text is beyond SMALL bytes with more than MANY objects, too many to decode at once."""
    text = memoryview(raw)
    return len(text) > SMALL and bytes(text).count(b"{") > MANY


def _nested(hint: Any, raw: Raw) -> Any:  # noqa: ANN401 - as _field
    """A second look at a refused field that is a struct, or a list of structs, one element at a time."""
    for kind in get_args(hint) or (hint,):
        if isinstance(kind, type) and issubclass(kind, Struct):
            return loosely(kind, raw)
        if get_origin(kind) is list and not _dense(raw):
            return _elements(get_args(kind)[0], raw)
    if get_origin(hint) is list and not _dense(raw):
        return _elements(get_args(hint)[0], raw)
    return None


def _dense(raw: Raw) -> bool:
    """Whether the text is beyond SMALL bytes with more than MANY commas, too many to take it apart."""
    text = bytes(raw)
    return len(text) > SMALL and text.count(b",") > MANY


def _elements(hint: Any, raw: Raw) -> list[Any] | None:  # noqa: ANN401 - as _field
    """Those of a list that can be read as `hint`, in order; None where there is no list."""
    try:
        raws = _decoder(list[Raw]).decode(raw)
    except (DecodeError, RecursionError):
        return None
    read = (_field(hint, one) for one in raws)
    return [one for one in read if one is not None]


@cache
def _decoder(hint: Any) -> Decoder[Any]:  # noqa: ANN401 - as _field
    """The decoder for `hint`, made once and kept: a hint is always one of a struct's in this package."""
    return Decoder(hint)


@cache
def _hints(kind: type[Struct]) -> dict[str, Any]:
    """The type of every field by its Python name, not the one it has in JSON."""
    return {field.name: field.type for field in fields(kind)}


@cache
def _loose(kind: type[Struct]) -> Decoder[Any]:
    """A decoder of the same fields, each left as the bytes it is written in."""
    rename = {field.name: field.encode_name for field in fields(kind)}
    return Decoder(defstruct(kind.__name__, [(name, Raw, Raw()) for name in rename], rename=rename))


def named(text: str | None) -> str:
    """A name from outside, cut to a length that a log line can bear; empty where there is none."""
    return text[:NAME] if text else ""
