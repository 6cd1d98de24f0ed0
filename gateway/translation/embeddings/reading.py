"""Providers' answers read into typed structs: vectors whole or not at all, other fields left out where they are odd.

`gateway.dialects.reading` would leave out an odd vector and keep the others, which then belong to other inputs.
"""

from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from msgspec.structs import fields

from gateway.dialects.reading import BOM, SURROGATE
from gateway.translation.codec import Json

S = TypeVar("S", bound=msgspec.Struct)

Answered: TypeAlias = bytes | Json
"""A provider's answer; as bytes it is read straight into its typed form, a fifth faster than by way of Json."""


class Form(Generic[S]):
    """The fields of an answer that are read; all have a default."""

    __slots__ = ("_decode", "kind")

    def __init__(self, kind: type[S]) -> None:
        self.kind = kind
        self._decode = msgspec.json.Decoder(kind).decode

    def read(self, answer: Answered) -> S:
        """The struct; one without any field where the answer is no JSON object."""
        if not isinstance(answer, bytes):
            return self._converted(answer)
        try:
            return self._decode(answer)
        except msgspec.ValidationError:
            return self._converted(parsed(answer))
        except RecursionError:
            return self.kind()
        except ValueError:
            return self._converted(parsed(mended(answer)))

    def _converted(self, answer: Any) -> S:  # noqa: ANN401 - any JSON
        """The struct from JSON, field by field where it does not fit as a whole."""
        try:
            return msgspec.convert(answer, self.kind)
        except msgspec.ValidationError:
            pass
        found = self.kind()
        for field in fields(self.kind) if isinstance(answer, dict) else ():
            try:
                setattr(found, field.name, msgspec.convert(answer[field.encode_name], field.type))
            except (KeyError, msgspec.ValidationError):
                continue
        return found


def parsed(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The JSON, or None."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def mended(text: bytes) -> bytes:
    """Without the byte order mark, half surrogate pairs and broken UTF-8 that msgspec refuses."""
    return SURROGATE.sub(rb"\\ufffd", text.removeprefix(BOM)).decode("utf-8", "replace").encode()
