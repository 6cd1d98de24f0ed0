"""Google's Schema, a subset of OpenAPI's with words in capitals, as JSON Schema.

https://ai.google.dev/api/caching#Schema. JSON Schema passes unchanged: it does not matter which of both a client put
into `parameters`.
"""

from typing import Any, Final

from gateway.translation.codec import Json
from gateway.translation.gemini_generate.words import spelt
from gateway.translation.values import typed, wrong

TYPES: Final = ("string", "number", "integer", "boolean", "array", "object", "null")
"""In the order of their numbers in google.ai Type, from 1."""

DEEPEST: Final = 64
"""Schemas within schemas."""

NAMED: Final = frozenset(("properties", "$defs"))
SINGLE: Final = frozenset(("items", "additionalProperties"))
SEVERAL: Final = frozenset(("anyOf", "oneOf", "allOf", "prefixItems"))
COUNTS: Final = frozenset(("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"))
RENAMED: Final = {"defs": "$defs", "ref": "$ref"}
GOOGLES: Final = frozenset(("nullable", "propertyOrdering", "example", "type"))
SPELT: Final = NAMED | SINGLE | SEVERAL | COUNTS | GOOGLES
"""Members that Google takes in snake_case too."""


def json_schema(schema: Json, place: str, depth: int = 0) -> Json:
    """The same constraints in JSON Schema; properties stand in the order that the client asked for.

    Raises Refusal 400 where it is too deep or a member is of a wrong type.
    """
    if depth > DEEPEST:
        raise wrong(place, f"has more than {DEEPEST} schemas within one another.")
    google = {short if (short := spelt(name)) in SPELT else name: value for name, value in schema.items()}
    made: Json = {} if (kind := _type(google.get("type"))) is None else {"type": kind}
    for member, value in google.items():
        if member not in GOOGLES and (member, value) != ("format", "enum"):
            name = RENAMED.get(member, member)
            made[name] = _value(name, value, f"{place}.{member}", depth + 1)
    if "example" in google:
        made["examples"] = [google["example"]]
    _numbered(made)
    if google.get("nullable") is True:
        _nullable(made)
    _ordered(made, google.get("propertyOrdering"))
    return made


def _type(value: object) -> Any:  # noqa: ANN401 - a word, or a list of them
    """JSON Schema's word or words for a type; None where it is not said. What is no type stays as it is."""
    if isinstance(value, list):
        return [_type(one) for one in value]
    if isinstance(value, int) and 0 < value <= len(TYPES):
        return TYPES[value - 1]
    if value in (0, "TYPE_UNSPECIFIED"):
        return None
    return value.lower() if isinstance(value, str) and value.lower() in TYPES else value


def _value(name: str, value: object, place: str, depth: int) -> object:
    """A member's value, with the schemas in it made JSON Schemas too."""
    if name in NAMED:
        named = typed(value, dict, place)
        return {key: _inner(one, f"{place}.{key}", depth) for key, one in named.items()}
    if name in SINGLE:
        return _inner(value, place, depth)
    if name in SEVERAL:
        return [_inner(one, place, depth) for one in typed(value, list, place)]
    if name == "$ref" and isinstance(value, str):
        return value.replace("#/defs/", "#/$defs/")
    if name in COUNTS and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        # Protocol Buffers write 64-bit integers as strings.
        return int(value)
    return value


def _inner(value: object, place: str, depth: int) -> object:
    """A schema within a schema; JSON Schema also has true and false there."""
    return value if isinstance(value, bool) else json_schema(typed(value, dict, place), place, depth)


def _numbered(made: Json) -> None:
    """Make an enumeration of numbers one: Google writes its values as strings."""
    convert = {"integer": int, "number": float}.get(str(made.get("type")))
    values = made.get("enum")
    if convert is None or not isinstance(values, list):
        return
    try:
        made["enum"] = [convert(value) if isinstance(value, str) else value for value in values]
    except ValueError:
        return


def _nullable(made: Json) -> None:
    """Let null in beside whatever is let in already."""
    kind = made.get("type")
    if isinstance(kind, str) and kind != "null":
        made["type"] = [kind, "null"]
    elif isinstance(kind, list) and "null" not in kind:
        made["type"] = [*kind, "null"]
    if isinstance(made.get("anyOf"), list) and {"type": "null"} not in made["anyOf"]:
        made["anyOf"] = [*made["anyOf"], {"type": "null"}]
    if isinstance(made.get("enum"), list) and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]


def _ordered(made: Json, ordering: object) -> None:
    """Put the properties into the order asked for: models write them as they stand."""
    properties = made.get("properties")
    if not isinstance(ordering, list) or not isinstance(properties, dict):
        return
    first = [name for name in ordering if isinstance(name, str) and name in properties]
    made["properties"] = {name: properties[name] for name in dict.fromkeys([*first, *properties])}
