"""Values of LiteLLM's as ours: references, times, amounts, names. None of these ever shows a secret."""

import re
from collections.abc import Container
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

import msgspec

from gateway.settings.units import DEADLINE, MONEY

REFERENCE: Final = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]{0,127})\Z")
SPANS: Final = re.compile(r"([0-9]{1,6})(s|m|h|d|w|mo)\Z")
URL: Final = re.compile(r"https?://[!-~]{1,1000}\Z")
DUMMIES: Final = frozenset(
    (
        "", "any", "anything", "dummy", "dummy-key", "empty", "fake", "fake-key", "my-fake-key", "na", "no-key",
        "none", "not-needed", "null", "placeholder", "sk-1234", "test", "token", "x", "xxx",
    )
)  # fmt: skip
"""What stands where a server asks for no key."""
SECRETIVE: Final = re.compile(r"authorization|cookie|key|token|secret|password|credential", re.IGNORECASE)


class Variable(msgspec.Struct, frozen=True):
    """A value that the environment holds."""

    name: str
    optional: bool = False

    def written(self) -> str:
        """As our file refers to it."""
        return f"${{{self.name}{':-' if self.optional else ''}}}"


def reference(text: str) -> Variable | None:
    """The variable of an `os.environ/NAME`."""
    match = REFERENCE.match(text)
    return Variable(match[1]) if match else None


def literal(text: str) -> str:
    """A text that our file takes as it is."""
    return text.replace("$", "$$")


def url(text: str, adds: str = "") -> str:
    """An address as our file has it: a variable's, or one that stands there; nothing where it is none."""
    variable = reference(text)
    if variable:
        return variable.written() + adds
    bare = text.rstrip("/")
    bare = bare.removesuffix("/chat/completions")
    try:
        parts = urlsplit(bare)
        good = bool(URL.match(bare) and parts.hostname) and "@" not in parts.netloc and not set("?#") & set(bare)
        _ = parts.port
    except ValueError:
        return ""
    if not good:
        return ""
    return literal(bare if not adds or bare.endswith(adds) else bare + adds)


def plain(number: Decimal) -> str:
    """A decimal without an exponent and without zeros at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def seconds(number: Decimal | None) -> str:
    """A number of seconds as a deadline; nothing where it is none."""
    text = "" if number is None else f"{plain(number)}s"
    return text if re.search(DEADLINE, text) else ""


def money(number: Decimal | None) -> Decimal | None:
    """US dollars, if they can be written; None otherwise."""
    return number if number is not None and re.search(MONEY, plain(number)) else None


def per_million(number: Decimal | None) -> Decimal | None:
    """A price per token as one per million."""
    return money(None if number is None else (number * 10**6))


def window(text: str) -> dict[str, str]:
    """The time of a budget: `30d` as a window, `1mo` as the calendar's month; nothing where it is none."""
    match = SPANS.match(text)
    if not match or not int(match[1]):
        return {}
    if match[2] == "mo":
        return {"calendar": "month"} if match[1] == "1" else {}
    if match[2] == "w":
        return {"per": f"{int(match[1]) * 7}d"}
    return {"per": text}


def slug(text: str, longest: int = 40) -> str:
    """A text as a name: lower case, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-")


def unlike(name: str, taken: Container[str], mark: str = "-") -> str:
    """A name that is not among those that are taken."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}{mark}{number}"
    return found
