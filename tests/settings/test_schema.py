import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli.schema import render
from gateway.settings.load import document, has_null
from gateway.settings.schema import parts, schema, strict
from gateway.settings.sentences import Validator

COMMITTED = Path(__file__).resolve().parents[2] / "schemas/gateways.schema.json"

STRICT = Validator(strict())
WORDS = st.sampled_from(
    ["none", "bearer", "prefer", "ignore", "json", "openai", "memory", "30s", "0s", "0", "25MiB", "x", "", "a b", "x\n"]
) | st.sampled_from(
    ["https://a.b/c", "http://a b", "https://a.b\n", "2027-01-01", "2027-13-01", "a" * 64, "A" * 64, "0.15", "-1"]
)
VALUES = st.one_of(
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.5, -0.5, 1.0, 1e30]),
    WORDS,
    st.none(),
    st.just([]),
    st.just({}),
)


def written(definition, definitions):
    """Values that nearly fit a definition: mostly its own keys, mostly with values that can be right."""
    if "$ref" in definition:
        return st.deferred(lambda: written(definitions[definition["$ref"].rpartition("/")[2]], definitions))
    fitting = [VALUES]
    if "enum" in definition:
        fitting.append(st.sampled_from(definition["enum"]))
    if "examples" in definition:
        fitting.append(st.sampled_from(definition["examples"]))
    fitting += [written(branch, definitions) for branch in definition.get("anyOf", ())]
    if "properties" in definition:
        known = {name: written(part, definitions) for name, part in definition["properties"].items()}
        required = {name: known.pop(name) for name in definition.get("required", ())}
        fitting.append(st.fixed_dictionaries(required, optional=known))
        fitting.append(st.dictionaries(st.sampled_from([*known, "unknown"]), VALUES, max_size=2))
    elif definition.get("type") == "object":
        inner = written(definition["additionalProperties"], definitions)
        fitting.append(st.dictionaries(st.sampled_from(["openai", "a", "x-b", "A b", "-", "a\n"]), inner, max_size=2))
    if definition.get("type") == "array":
        fitting.append(st.lists(written(definition["items"], definitions), max_size=2))
    return st.one_of(fitting[1:] * 4 + fitting[:1])


@pytest.mark.parametrize("name", ["Document", *strict()["$defs"]])
def test_the_types_accept_exactly_what_the_schema_accepts(name):
    whole = strict()
    definitions = whole["$defs"]
    definition = definitions.get(name, whole)

    @given(written(definition, definitions))
    @settings(max_examples=150, deadline=None, database=None)
    def agree(value):
        assert convertible(name, value) == STRICT.evolve(schema=in_place(name)).is_valid(value)

    agree()


def in_place(name):
    return {"$ref": f"#/$defs/{name}"} if name != "Document" else STRICT.schema


def convertible(name, value):
    import gateway.settings.blocks as blocks
    from gateway.settings.load import read_unit

    try:
        msgspec.convert(value, getattr(blocks, name), dec_hook=read_unit)
    except msgspec.ValidationError:
        return False
    return not has_null(value)


def test_the_committed_schema_is_the_one_that_the_types_make():
    assert COMMITTED.read_text() == render(schema()), "run: python -m gateway schema > schemas/gateways.schema.json"


def test_the_schema_is_a_schema_of_its_draft():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema()["$id"]


def test_the_schema_is_the_same_each_time():
    assert json.dumps(schema()) == json.dumps(schema())


def test_every_key_says_what_it_does_in_a_sentence():
    for part in parts(schema()):
        for name, definition in part.get("properties", {}).items():
            assert definition["description"].endswith("."), name
            assert len(definition["description"]) > 12, name


def test_every_mapping_says_which_keys_it_takes():
    mappings = [part for part in parts(schema()) if part.get("type") == "object"]
    assert len(mappings) > 10
    for part in mappings:
        assert "additionalProperties" in part
        assert part["additionalProperties"] is False if "properties" in part else part["additionalProperties"]


def test_no_key_may_be_null():
    assert all(part.get("type") != "null" and part.get("default", "") is not None for part in parts(schema()))


def test_defaults_stand_in_the_schema_as_a_user_writes_them():
    definitions = schema()["$defs"]
    assert definitions["Timeout"]["properties"]["connect"]["default"] == "5s"
    assert definitions["Server"]["properties"]["max_request_bytes"]["default"] == "25MiB"
    assert definitions["Server"]["properties"]["drain"]["default"] == "30s"


def test_every_default_is_allowed_where_it_stands():
    for definition in strict()["$defs"].values():
        for name, part in definition.get("properties", {}).items():
            if "default" in part:
                assert STRICT.evolve(schema=part).is_valid(part["default"]), name


def test_an_editor_takes_a_reference_where_a_pattern_is_asked():
    published = jsonschema.Draft202012Validator(schema())
    sample = {"providers": {"vllm": {"base_url": "${VLLM_URL}"}}, "accounts": {"a": {"gateways": {}}}}
    assert published.is_valid(sample)
    assert not published.is_valid(sample | {"accounts": {"${A}": {"gateways": {}}}})
    assert not STRICT.is_valid(sample)


def test_the_smallest_document_is_sound():
    value = {"accounts": {"local": {"gateways": {"default": {}}}}}
    assert STRICT.is_valid(value)
    assert document(value).server.drain.timeout == 30
