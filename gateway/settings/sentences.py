"""What jsonschema finds, in words of ours: where, what was expected, and what was probably meant."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from gateway.settings.nodes import Finding, Node, Plain, Scalar, at, other_meaning
from gateway.settings.problems import MOST, listed, nearest, quoted
from gateway.settings.schema import strict
from gateway.settings.units import Schema

Failure: TypeAlias = Any
"""A jsonschema ValidationError; its annotations allow each attribute to be unset, which none is once it was raised."""

EXAMINED: Final = 10 * MOST
"""Errors looked at; jsonschema finds them in no order, and of these the first in the file are shown."""

TYPES: Final = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "nothing",
}
NAMED: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


def whole(_: object, value: object) -> bool:
    """JSON Schema takes 1.0 for an integer; here it is none."""
    return type(value) is int


INTEGERS: Final = Draft202012Validator.TYPE_CHECKER.redefine("integer", whole)
Validator: Final[Any] = extend(Draft202012Validator, type_checker=INTEGERS)  # type: ignore[no-untyped-call]  # jsonschema's


class Sentences:
    """The problems of one document, and its repair where what is written can be read in one more way."""

    def __init__(self, root: Node, value: Plain) -> None:
        self.root, self.value = root, value
        self.schema = strict()
        self.validator = Validator(self.schema)

    def findings(self) -> list[Finding]:
        """All that is wrong, as far as a second meaning does not mend it: `self.value` then holds that."""
        found: list[Finding] = []
        for error in islice(self.validator.iter_errors(self.value), EXAMINED):
            if not self.mended(error):
                found.extend(self.about(error))
        return found

    def mended(self, error: Failure) -> bool:
        """Put a scalar's other meaning in its place, if that is what is wanted there."""
        path = list(error.absolute_path)
        _, node = at(self.root, path)
        if not path or error.validator == "propertyNames" or not isinstance(node, Scalar):
            return False
        other = other_meaning(node)
        if type(other) is str or not self.validator.evolve(schema=error.schema).is_valid(other):
            return False
        holder = self.value
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = other
        return True

    def about(self, error: Failure) -> Iterator[Finding]:
        """One or more findings for an error."""
        key, node = at(self.root, list(error.absolute_path))
        if isinstance(node, Scalar) and node.broken:
            return
        if len(error.absolute_schema_path) > 1 and error.absolute_schema_path[-2] == "propertyNames":
            yield self.misnamed(error, node)
        elif error.validator == "additionalProperties":
            yield from unknown(error, node)
        elif error.validator == "required":
            yield from (
                Finding(key or node, f"{quoted(name)} is missing")
                for name in error.validator_value
                if name not in error.instance
            )
        elif error.validator == "anyOf":
            yield from self.alternatives(error, node)
        else:
            yield Finding(node, self.sentence(error.schema, error.instance))

    def misnamed(self, error: Failure, node: Node) -> Finding:
        """A key the user chose that cannot be one."""
        key, _ = at(node, [error.instance])
        return Finding(
            key or node, f"{quoted(error.instance)} cannot be a key here: expected {self.expected(error.schema)}"
        )

    def alternatives(self, error: Failure, node: Node) -> Iterator[Finding]:
        """The errors of the branch that was meant, which its type tells; or all that could stand here."""
        branches = [self.resolved(branch) for branch in error.schema["anyOf"]]
        meant = {
            index
            for index, branch in enumerate(branches)
            if isinstance(error.instance, dict | list) and self.fits(branch, error.instance)
        }
        inner = [each for each in error.context or () if each.relative_schema_path[0] in meant]
        if not inner:
            yield Finding(node, self.sentence(error.schema, error.instance))
        for each in inner:
            if not self.mended(each):
                yield from self.about(each)

    def fits(self, schema: Schema, value: Plain) -> bool:
        """Whether a value has the type a schema asks for."""
        return bool(self.validator.evolve(schema={"type": schema.get("type", [])}).is_valid(value))

    def sentence(self, schema: Schema, value: Plain) -> str:
        """What was expected, and what came instead; never the value itself."""
        schema = self.resolved(schema)
        if value == "" and any(branch.get("minLength") for branch in self.branches(schema)):
            return "is empty"
        if isinstance(value, dict | list) and not value and self.fits(schema, value):
            return "is empty; give at least one"
        if value is None:
            return f"has no value; take the key out, or give it {self.expected(schema)}"
        expected = f"expected {self.expected(schema)}"
        if isinstance(value, str) and (choices := self.choices(schema)):
            return f"must be {self.expected(schema)}{nearest(value, choices)}"
        if isinstance(value, int | float) and "minimum" in schema and self.fits(schema, value):
            return f"{expected}, got a number" if schema.get("maximum") == 0 else f"{expected}{limits(schema)}"
        if any(self.fits(branch, value) for branch in self.branches(schema)):
            return expected
        quotes = "; put it in quotes" if isinstance(value, int | float) and self.text_is_wanted(schema) else ""
        return f"{expected}, got {TYPES[type(value)]}{quotes}"

    def expected(self, schema: Schema) -> str:
        """What a schema asks for, in words: `a duration such as 30s`, `true or false`, `` `prefer` or `ignore` ``."""
        schema = self.resolved(schema)
        if "enum" in schema:
            return listed(schema["enum"])
        if "anyOf" in schema:
            return alternatives([self.expected(branch) for branch in schema["anyOf"]])
        if "examples" in schema and "title" in schema:
            article = "an" if schema["title"][0] in "aeio" else "a"
            return f"{article} {schema['title']} such as {schema['examples'][0]}"
        if schema.get("type") == "object" and schema.get("properties"):
            return f"a mapping with {listed(list(schema['properties']), 'and')}"
        longest = f" of at most {schema['maxLength']} characters" if "maxLength" in schema else ""
        return NAMED.get(schema.get("type", ""), "something else") + longest

    def choices(self, schema: Schema) -> list[str]:
        """The words that may stand here, in any alternative."""
        return [choice for branch in self.branches(schema) for choice in branch.get("enum", ())]

    def branches(self, schema: Schema) -> Sequence[Schema]:
        """The alternatives of a schema, or it alone."""
        return [self.resolved(branch) for branch in schema.get("anyOf", [schema])]

    def text_is_wanted(self, schema: Schema) -> bool:
        """Whether text without further rules would do."""
        return any(branch.get("type") == "string" and "pattern" not in branch for branch in self.branches(schema))

    def resolved(self, schema: Schema) -> Schema:
        """The schema a `$ref` stands for."""
        reference = schema.get("$ref")
        return self.schema["$defs"][reference.rpartition("/")[2]] if reference else schema


def limits(schema: Schema) -> str:
    """The bounds of a number."""
    upper = f" and at most {schema['maximum']}" if "maximum" in schema else ""
    return f", at least {schema['minimum']}{upper}"


def alternatives(parts: Sequence[str]) -> str:
    """What could stand in one place, each once; a whole number is a number."""
    said = [part for part in dict.fromkeys(parts) if part != "a whole number" or "a number" not in parts]
    return f"{', '.join(said[:-1])}, or {said[-1]}" if len(said) > 1 else said[0]


def unknown(error: Failure, node: Node) -> Iterator[Finding]:
    """Every key that has no meaning where it stands, with the one that was probably meant."""
    known = error.schema.get("properties", {})
    strangers = [name for name in error.instance if name not in known]
    for name in islice(strangers, MOST):
        key, _ = at(node, [name])
        instead = nearest(name, known) or f"; known here: {listed(list(known), 'and')}"
        yield Finding(key or node, f"unknown key {quoted(name)}{instead}")
