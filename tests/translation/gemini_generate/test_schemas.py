"""Google's Schema becomes JSON Schema that means the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.call import Refusal
from gateway.translation.gemini_generate.schemas import json_schema

NAMES = st.sampled_from(["a", "b", "any_of", "type", "nullable"])
SCALARS = st.fixed_dictionaries(
    {"type": st.sampled_from(["STRING", "INTEGER", "NUMBER", "BOOLEAN"])}, optional={"nullable": st.booleans()}
)


def nested(inner):
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("ARRAY"), "items": inner}, optional={"minItems": st.just("1")}),
        st.dictionaries(NAMES, inner, max_size=3).map(
            lambda named: {"type": "OBJECT", "properties": named, "required": sorted(named)}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda several: {"anyOf": several}),
    )


SCHEMAS = st.recursive(SCALARS, nested, max_leaves=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2).map(lambda x: x + 0.25)
    | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def fits(schema, value):
    """What Google's Schema means, said once more: https://ai.google.dev/api/caching#Schema."""
    if value is None:
        return schema.get("nullable", False) or any(fits(one, value) for one in schema.get("anyOf", ()))
    if "anyOf" in schema:
        return any(fits(one, value) for one in schema["anyOf"])
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match schema["type"]:
        case "STRING":
            return isinstance(value, str)
        case "BOOLEAN":
            return isinstance(value, bool)
        case "NUMBER":
            return number
        case "INTEGER":
            return number and value == int(value)
        case "ARRAY":
            least = int(schema.get("minItems", 0))
            return isinstance(value, list) and len(value) >= least and all(fits(schema["items"], one) for one in value)
    named = schema["properties"]
    return (
        isinstance(value, dict)
        and all(name in value for name in schema["required"])
        and all(fits(named[name], one) for name, one in value.items() if name in named)
    )


@given(SCHEMAS, VALUES)
def test_the_same_values_fit(schema, value):
    made = json_schema(schema, "x")
    Draft202012Validator.check_schema(made)
    assert Draft202012Validator(made).is_valid(value) == fits(schema, value)


@given(SCHEMAS)
def test_json_schema_passes_unchanged(schema):
    made = json_schema(schema, "x")
    assert json_schema(made, "x") == made


def test_properties_stand_in_the_order_asked_for():
    google = {
        "type": "OBJECT",
        "properties": {"age": {"type": "INTEGER"}, "name": {"type": "STRING"}, "x": {}},
        "property_ordering": ["name", "age", "gone", 3],
    }
    assert list(json_schema(google, "x")["properties"]) == ["name", "age", "x"]
    assert "property_ordering" not in json_schema(google, "x")


@pytest.mark.parametrize(
    ("google", "json"),
    [
        ({"type": 6, "properties": {"a": {"type": 1}}}, {"type": "object", "properties": {"a": {"type": "string"}}}),
        ({"type": "TYPE_UNSPECIFIED"}, {}),
        ({"type": "STRING", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "STRING", "format": "enum", "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
        ({"type": "STRING", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "INTEGER", "enum": ["1", "2"]}, {"type": "integer", "enum": [1, 2]}),
        ({"type": "INTEGER", "enum": ["one"]}, {"type": "integer", "enum": ["one"]}),
        ({"type": "ARRAY", "max_items": "5", "items": {}}, {"type": "array", "maxItems": 5, "items": {}}),
        ({"any_of": [{"type": "NULL"}]}, {"anyOf": [{"type": "null"}]}),
        ({"type": ["STRING"], "nullable": True}, {"type": ["string", "null"]}),
        ({"example": 3}, {"examples": [3]}),
        ({"defs": {"a_b": {}}, "ref": "#/defs/a_b"}, {"$defs": {"a_b": {}}, "$ref": "#/$defs/a_b"}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        ({"type": ["string", "null"], "x_mine": 1}, {"type": ["string", "null"], "x_mine": 1}),
    ],
)
def test_words(google, json):
    assert json_schema(google, "x") == json


@pytest.mark.parametrize(
    ("google", "place"),
    [
        ({"properties": []}, "x.properties: must be an object"),
        ({"properties": {"a": 3}}, "x.properties.a: must be an object"),
        ({"items": "x"}, "x.items: must be an object"),
        ({"anyOf": {}}, "x.anyOf: must be an array"),
    ],
)
def test_an_odd_schema_is_refused(google, place):
    with pytest.raises(Refusal, match=place):
        json_schema(google, "x")


def test_a_schema_that_is_too_deep_is_refused():
    schema = {}
    for _ in range(100):
        schema = {"items": schema}
    with pytest.raises(Refusal, match="more than 64"):
        json_schema(schema, "x")
