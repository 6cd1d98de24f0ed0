import time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.demo.instance import of_schema

NODE = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]}},
    "required": ["value", "next"],
}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "minLength": 9, "maxLength": 12},
        {"type": "string", "maxLength": 2},
        {"type": "string", "enum": ["x", "y"]},
        {"const": 7},
        {"type": "integer", "minimum": 5, "maximum": 9},
        {"type": "integer", "exclusiveMaximum": -3},
        {"type": "number", "multipleOf": 5, "minimum": 7},
        {"type": ["null", "string"]},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "null"}}},
        {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"$defs": {"node": NODE}, "$ref": "#/$defs/node"},
        {"allOf": [{"type": "object"}, {"properties": {"a": {"type": "integer"}}, "required": ["a"]}]},
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    ],
    ids=str,
)
def test_the_value_fits_the_schema(schema):
    jsonschema.Draft202012Validator(schema).validate(of_schema(schema))


def test_a_schema_without_an_end_comes_to_one():
    endless = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {}}}}
    for name in "abcdefgh":
        endless["$defs"]["a"]["properties"][name] = {"$ref": "#/$defs/a"}
    began = time.perf_counter()
    assert isinstance(of_schema(endless), dict)
    assert of_schema({"$ref": "#"}) is None
    assert isinstance(of_schema({"allOf": [{"$ref": "#"}] * 5, "type": "object"}), dict)
    assert time.perf_counter() - began < 0.5


WORDS = ("type", "properties", "items", "required", "anyOf", "allOf", "$ref", "enum", "minItems", "minLength", "a")
LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from(["object", "array", "string", "#/properties/a"])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_no_schema_makes_it_fail(schema):
    of_schema(schema)
