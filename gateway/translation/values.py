"""Reading a client's JSON: the right type, or a Refusal 400 that names the place and says what belongs there."""

from typing import Any, TypeVar

from gateway.call import Refusal

T = TypeVar("T")

NAMES = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "an array",
    dict: "an object",
}


def wrong(place: str, sentence: str) -> Refusal:
    """The Refusal for a request that is not of its dialect's form."""
    return Refusal(400, 2111, "invalid_request", f"{place}: {sentence}")


def typed(value: object, kind: type[T], place: str) -> T:
    """`value` if it is of `kind`; raises Refusal 400. True is no number, and a whole number is a float too."""
    if kind is float and type(value) is int:
        return value  # type: ignore[return-value]  # a whole number stands where any number may
    if isinstance(value, kind) and (type(value) is not bool or kind is bool):
        return value
    raise wrong(place, f"must be {NAMES.get(kind, kind.__name__)}.")


def optional(holder: dict[str, Any], name: str, kind: type[T], place: str) -> T | None:
    """A member, or None where it is absent or null; raises Refusal 400 for another type."""
    value = holder.get(name)
    return None if value is None else typed(value, kind, f"{place}.{name}" if place else name)


def needed(holder: dict[str, Any], name: str, kind: type[T], place: str) -> T:
    """A member that must be there; raises Refusal 400."""
    value = optional(holder, name, kind, place)
    if value is None:
        raise wrong(f"{place}.{name}" if place else name, f"is missing: {NAMES.get(kind, kind.__name__)} belongs here.")
    return value


def soft(value: object, kind: type[T], otherwise: T) -> T:
    """A provider's value if it is of `kind`, else `otherwise`: an odd field of an answer is as if it were absent."""
    return value if isinstance(value, kind) and (type(value) is not bool or kind is bool) else otherwise
