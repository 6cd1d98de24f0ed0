"""The error codes that providers give, whatever their way of wrapping them."""

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct, field

from gateway.dialects.dialect import Said, Tally
from gateway.dialects.reading import named

Code: TypeAlias = str | int | float | None


class Fault(Struct):
    """An `error` object: OpenAI's code and type, Google's status, Anthropic's type."""

    code: Code = None
    type: str | None = None
    status: Code = None


def word(fault: Fault | str | None) -> str:
    """The most telling code that is a word; a number only where there is none, and `error` for mere prose."""
    if fault is None:
        return ""
    if isinstance(fault, str):
        return "error" if fault else ""
    for said in (fault.code, fault.type, fault.status):
        if isinstance(said, str) and said and not said.isdigit():
            return named(said)
    return next((named(str(said)) for said in (fault.code, fault.status) if said not in (None, "")), "error")


class Failure(Said):
    """The body of a failed call."""

    error: Fault | str | None = None
    code: Code = None
    type: str | None = None
    error_type: str | None = None
    aws: str | None = field(default=None, name="__type")
    errors: list[Fault] | None = None
    """Cloudflare's envelope."""

    def tell(self, tally: Tally) -> None:
        """The error's code; nothing where it is prose, for then the HTTP status says more."""
        if isinstance(self.error, Fault):
            tally.failed(word(self.error))
        elif self.aws:
            tally.failed(named(self.aws.rpartition("#")[2]))
        elif self.errors:
            tally.failed(word(self.errors[0]))
        elif self.code or self.error_type:
            tally.failed(word(Fault(self.code, self.error_type)))


def from_header(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The exception's name that AWS puts into `x-amzn-errortype`, without the namespace behind it."""
    for key, value in headers:
        if key == b"x-amzn-errortype":
            return named(value.decode("latin-1").partition(":")[0].strip())
    return ""
