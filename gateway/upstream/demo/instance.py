"""A small JSON value that fits a JSON Schema: what a model would be asked to produce, without one."""

from itertools import islice
from typing import Any, Final

DEPTH: Final = 12
WIDTH: Final = 64
"""Members and choices looked at in one object or list: the schema is a client's."""
NODES: Final = 500
"""Values made before the rest becomes null: a schema that refers to itself must come to an end."""

FORMATS: Final = {
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "date-time": "2026-01-01T12:00:00Z",
    "email": "demo@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def of_schema(schema: object) -> Any:  # noqa: ANN401 - any JSON value
    """A value that fits, for the keywords that structured outputs allow; null where the schema says nothing."""
    return Maker(schema).make(schema, 0)


class Maker:
    """One schema's references and what is left of its budget."""

    def __init__(self, root: object) -> None:
        self.root = root
        self.left = NODES

    def make(self, schema: object, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        """A value for one subschema."""
        self.left -= 1
        if self.left < 0 or depth > DEPTH or not isinstance(schema, dict):
            return None
        schema = self.resolved(schema)
        for word in ("const", "default"):
            if word in schema:
                return schema[word]
        for word in ("enum", "examples"):
            if isinstance(choices := schema.get(word), list) and choices:
                return choices[0]
        for word in ("anyOf", "oneOf"):
            if isinstance(choices := schema.get(word), list) and choices:
                return self.make(choices[0], depth + 1)
        return self.typed(schema, depth)

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with its local reference followed and the parts of `allOf` put together."""
        for _ in range(DEPTH):
            if not isinstance(reference := schema.get("$ref"), str):
                break
            target = self.lookup(reference)
            schema = {**first(target), **{word: value for word, value in first(schema).items() if word != "$ref"}}
        parts = schema.get("allOf")
        for part in parts[:DEPTH] if isinstance(parts, list) else ():
            if isinstance(part, dict):
                part = self.lookup(part["$ref"]) if isinstance(part.get("$ref"), str) else part
                schema = {**first(schema), **first(part), "properties": {**members(schema), **members(part)}}
        return schema

    def lookup(self, reference: str) -> dict[str, Any]:
        """What a reference such as #/$defs/name points at; nothing where it points nowhere."""
        found: object = self.root
        for name in reference.removeprefix("#").split("/")[1:DEPTH]:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def typed(self, schema: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 - any JSON value
        """A value by the schema's type."""
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0] if kind else None
        if kind == "object" or (kind is None and "properties" in schema):
            return self.object(schema, depth)
        if kind == "array":
            count = min(max(whole(schema.get("minItems"), 1), 1), 16)
            return [self.make(schema.get("items", {}), depth + 1) for _ in range(count)]
        if kind == "string":
            return text(schema)
        if kind in ("integer", "number"):
            return number(schema)
        return True if kind == "boolean" else None

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """An object with the required members, or with all where none is required."""
        known = members(schema)
        required = schema.get("required")
        names = required[:WIDTH] if isinstance(required, list) else known
        return {name: self.make(known.get(name, {}), depth + 1) for name in names if isinstance(name, str)}


def first(schema: dict[str, Any]) -> dict[str, Any]:
    """As much of a schema as is looked at."""
    return dict(islice(schema.items(), WIDTH))


def members(schema: dict[str, Any]) -> dict[str, Any]:
    """The first of the schema's properties; none where they are not an object."""
    known = schema.get("properties")
    return dict(islice(known.items(), WIDTH)) if isinstance(known, dict) else {}


def whole(value: object, otherwise: int) -> int:
    """A keyword's whole number, or what stands for a missing one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def text(schema: dict[str, Any]) -> str:
    """A string of the format and the length asked for."""
    made = FORMATS.get(str(schema.get("format")), "demo")
    made = made.ljust(min(whole(schema.get("minLength"), 0), 256), "o")
    return made[: max(whole(schema.get("maxLength"), 256), 0)]


def number(schema: dict[str, Any]) -> int:
    """A whole number within the bounds: one where it may be, else the lower or the upper one."""
    step = max(whole(schema.get("multipleOf"), 1), 1)
    low = max(whole(schema.get("minimum"), -(2**53)), whole(schema.get("exclusiveMinimum"), -(2**53)) + 1)
    high = min(whole(schema.get("maximum"), 2**53), whole(schema.get("exclusiveMaximum"), 2**53) - 1)
    made = min(max(1, low), high)
    return made if step == 1 else min(-(-made // step) * step, high // step * step)
