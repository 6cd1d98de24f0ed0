"""Which calls a limit is for, and in whose count each of them belongs."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Final, TypeAlias

from gateway.call import Call
from gateway.prices import matches
from gateway.providers.rows import ALIASES
from gateway.settings.limits import Tag

Part: TypeAlias = Callable[[Call], str]
Written: TypeAlias = str | Sequence[str] | None
METADATA: Final = "metadata."
SHORT: Final = 256
"""Characters of what is remembered with its hash; names come from clients, so there is no end to them."""


def provider(call: Call) -> str:
    """The row's name, whatever name the URL had."""
    return call.provider


def model(call: Call) -> str:
    """In lower case, as prices are looked up: another spelling is no other model."""
    return call.asked.model.lower()


def token(call: Call) -> str:
    """The name of the gateway's token; nothing where the gateway asks for none."""
    return call.record.token


def tagged(key: str, call: Call) -> str:
    """The value of a metadata key as text; nothing where the call has none."""
    return text(call.record.metadata.get(key, ""))


def text(tag: Tag) -> str:
    """A tag as JSON would show it, so that 1 and "1" are the same."""
    if isinstance(tag, bool):
        return "true" if tag else "false"
    return str(tag)


PARTS: Final[dict[str, Part]] = {"token": token, "provider": provider, "model": model}


def part(dimension: str) -> Part:
    """What reads a dimension out of a call."""
    if dimension.startswith(METADATA):
        return partial(tagged, dimension.removeprefix(METADATA))
    return PARTS[dimension]


def hashed(values: str) -> str:
    """A name of one length, from which nothing can be read."""
    return blake2b(values.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


remembered: Final = lru_cache(4096)(hashed)


class Pattern:
    """Some names, `*` in them standing for anything."""

    def __init__(self, names: Sequence[str]) -> None:
        self.exact = frozenset(name for name in names if "*" not in name)
        self.wild = [name.split("*") for name in names if "*" in name]

    def fits(self, name: str) -> bool:
        """Whether a name is one of them."""
        return name in self.exact or any(matches(parts, name) for parts in self.wild)


class Scope:
    """One limit's calls: those that fit all its filters, counted apart by its dimensions."""

    def __init__(self, key: str, by: Written, wanted: Sequence[tuple[Part, Pattern]]) -> None:
        self.prefix = key
        self.parts = [part(dimension) for dimension in several(by)]
        self.wanted = list(wanted)

    def covers(self, call: Call) -> bool:
        """Whether the limit is for this call."""
        return not self.wanted or all(pattern.fits(read(call)) for read, pattern in self.wanted)

    def key(self, call: Call) -> str:
        """The name of the call's counter; what a client writes is hashed, so its length and content stay outside."""
        if not self.parts:
            return self.prefix
        # Each value with its length before it: no two lists of values look alike.
        if len(self.parts) == 1:
            value = self.parts[0](call)
            values = f"{len(value)}:{value}"
        else:
            values = "".join([f"{len(value)}:{value}" for value in [read(call) for read in self.parts]])
        return f"{self.prefix}:{remembered(values) if len(values) <= SHORT else hashed(values)}"


def wanted(
    provider_names: Written, model_names: Written, tags: Mapping[str, Tag | list[Tag]]
) -> list[tuple[Part, Pattern]]:
    """The filters of a limit, each with what it looks at."""
    found: list[tuple[Part, Pattern]] = []
    if provider_names is not None:
        found.append((provider, Pattern([ALIASES.get(name, name) for name in several(provider_names)])))
    if model_names is not None:
        found.append((model, Pattern([name.lower() for name in several(model_names)])))
    for key, value in tags.items():
        some = value if isinstance(value, list) else [value]
        found.append((part(METADATA + key), Pattern([text(tag) for tag in some])))
    return found


def several(written: Written) -> Sequence[str]:
    """One, several or none as a list."""
    if written is None:
        return ()
    return (written,) if isinstance(written, str) else written


def told(by: Written, provider_names: Written, model_names: Written, tags: Mapping[str, Tag | list[Tag]]) -> str:
    """The end of a sentence about a limit: for which calls, and by what they are told apart."""
    some = [f"provider {' or '.join(several(provider_names))}"] if provider_names is not None else []
    if model_names is not None:
        some.append(f"model {' or '.join(several(model_names))}")
    for key, value in tags.items():
        some.append(f"{key} {' or '.join(map(text, value if isinstance(value, list) else [value]))}")
    ending = f", for {', '.join(some)}" if some else ""
    return f"{ending}, by {' and '.join(several(by))}" if several(by) else ending
