"""The JSON Schema of gateways.yaml, made from its types: what editors complete with, and what finds every problem."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

import msgspec

from gateway.settings.block import Block
from gateway.settings.blocks import Document
from gateway.settings.units import Readable, Schema, Written

IDENTITY: Final = "urn:gateway:schemas:gateways"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REFERENCE: Final = r"|\$\{"

REFERENCES: Final = (
    "Accounts, their gateways, and the rules each gateway enforces. In any value `${NAME}` stands for an environment"
    " variable, `${NAME:-text}` for one with a default where it is not set or empty, `${file:PATH}` for a file's"
    " content (the path is relative to this file; a line break at its end is dropped), and `$$` for a plain `$`."
    " Whatever is referred to must be there. Under `keys`, a reference that comes to nothing, such as"
    " `${OPENAI_API_KEY:-}` where that is not set, is as if the key were not written."
)


def schema() -> Schema:
    """The schema that is published, of the file as written: where a pattern is asked, a reference may stand instead."""
    published = strict()
    for part in parts(published):
        # The names of keys have a pattern without a type, and are never references; a part may stand in two places.
        if "pattern" in part and "type" in part and not part["pattern"].endswith(REFERENCE):
            part["pattern"] += REFERENCE
    return published


def strict() -> Schema:
    """The schema of the document once references are resolved: Draft 2020-12, always in the same order."""
    made = msgspec.json.schema(Document, schema_hook=hook)
    definitions: dict[str, Schema] = made["$defs"]
    for block in blocks():
        show_defaults(block, definitions[block.__name__]["properties"])
    for part in parts(definitions):
        tidy(part)
    return {
        "$schema": DIALECT,
        "$id": IDENTITY,
        **definitions.pop("Document"),
        "title": "gateways.yaml",
        "description": REFERENCES,
        "$defs": dict(sorted(definitions.items())),
    }


def hook(type: type[Readable]) -> Schema:
    """A copy of what a type of `units` says about itself."""
    return deepcopy(type.SCHEMA)


def blocks() -> Iterator[type[Block]]:
    """Every mapping with known keys that can stand in the file."""
    waiting: list[type[Block]] = [Block]
    while waiting:
        block = waiting.pop()
        waiting.extend(block.__subclasses__())
        if block is not Block:
            yield block


def show_defaults(block: type[Block], properties: dict[str, Schema]) -> None:
    """Give each key its default, as a user would write it."""
    for field in msgspec.structs.fields(block):
        if isinstance(field.default_factory, Written):
            properties[field.encode_name]["default"] = field.default_factory.written


def parts(schema: Any) -> Iterator[Schema]:  # noqa: ANN401 - any part of a schema
    """Every mapping in a schema, the outer ones first."""
    if isinstance(schema, dict):
        yield schema
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for item in inner:
        yield from parts(item)


def tidy(part: Schema) -> None:
    """Take out null, which nobody writes: a key without a value is refused, since it is mostly a mistake."""
    if isinstance(part.get("default"), tuple):
        # YAML and JSON have lists.
        part["default"] = list(part["default"])
    if part.get("default", ...) is None:
        del part["default"]
    if part.get("required", ...) == []:
        del part["required"]
    if isinstance(part.get("anyOf"), list):
        branches = [branch for branch in part["anyOf"] if branch != {"type": "null"}]
        if len(branches) > 1:
            part["anyOf"] = branches
        else:
            del part["anyOf"]
            part.update(branches[0] | part)
