"""Writes values.schema.json and the table of README.md from values.yaml; `--check` only compares.

A key's comment `# -- text` is its line in the table, `# @schema` adds to the type that follows from its default: a
mapping in YAML, or a name from NAMED. What has no comment and is no mapping of others is an error.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import yaml

CHART: Final = Path(__file__).resolve().parent
GATEWAYS: Final = CHART.parent / "schemas" / "gateways.schema.json"
Schema = dict[str, Any]

STRINGS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "string"}}
NAME: Final = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
QUANTITY: Final[Schema] = {
    "type": ["string", "number"],
    "pattern": "^[0-9]+([.][0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$",
}
QUANTITIES: Final[Schema] = {"type": "object", "additionalProperties": QUANTITY}
NAMED: Final[dict[str, Schema]] = {
    "name": {"type": "string", "pattern": f"^({NAME})?$"},
    "names": {"type": "array", "items": {"type": "string", "pattern": f"^{NAME}$"}, "uniqueItems": True},
    "strings": STRINGS,
    "duration": {"type": "string", "pattern": "^[0-9]{1,9}([.][0-9]{1,6})?(ms|s|m|h)$"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "probe": {
        "type": ["object", "null"],
        "properties": {
            key: {"type": "integer", "minimum": 0 if key == "initialDelaySeconds" else 1}
            for key in (
                "initialDelaySeconds",
                "periodSeconds",
                "timeoutSeconds",
                "successThreshold",
                "failureThreshold",
                "terminationGracePeriodSeconds",
            )
        },
        "additionalProperties": False,
    },
    "resources": {
        "type": "object",
        "properties": {"requests": QUANTITIES, "limits": QUANTITIES, "claims": {"type": "array"}},
        "additionalProperties": False,
    },
    # A mapping that has something in it is a gateways.yaml.
    "gateways": {
        "type": ["object", "string", "null"],
        "if": {"type": "object", "minProperties": 1},
        "then": {"$ref": "#/definitions/gateways"},
    },
}


def named(written: object) -> Schema:
    """What `# @schema` says, with the names in it replaced by what they stand for."""
    if isinstance(written, str):
        return NAMED[written]
    assert isinstance(written, dict)
    properties = {key: named(value) for key, value in written.get("properties", {}).items()}
    return written | ({"properties": properties} if properties else {})


def inferred(value: object) -> Schema:
    """The type that a default shows."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return {"type": kinds[type(value)]}


def comments(lines: list[str], line: int) -> tuple[str, Schema]:
    """What stands above a key: its text, and what is said of its schema."""
    above: list[str] = []
    while line > 0 and (found := re.match(r"\s*#\s?(.*)", lines[line - 1])):
        above.insert(0, found[1])
        line -= 1
    text = " ".join(one.removeprefix("-- ") for one in above if not one.startswith("@schema"))
    schema = [one.removeprefix("@schema ") for one in above if one.startswith("@schema ")]
    if text and not any(one.startswith("-- ") for one in above):
        text = ""
    return text, named(yaml.safe_load(schema[0])) if schema else {}


class Values:
    """values.yaml: its schema, and the rows of its table."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.rows: list[tuple[str, str, str]] = []
        self.silent: list[str] = []
        root = yaml.compose(text, yaml.SafeLoader)
        assert isinstance(root, yaml.MappingNode)
        self.schema = self.mapping(root, yaml.safe_load(text), "")

    def mapping(self, node: yaml.MappingNode, defaults: Schema, path: str) -> Schema:
        """The schema of a mapping whose keys are all known."""
        properties = {pair[0].value: self.entry(pair, defaults[pair[0].value], path) for pair in node.value}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def entry(self, pair: tuple[yaml.ScalarNode, yaml.Node], default: Any, path: str) -> Schema:  # noqa: ANN401 - any default
        """The schema of one key, and its row."""
        key, node = pair
        path += key.value
        text, said = comments(self.lines, key.start_mark.line)
        if isinstance(node, yaml.MappingNode) and not node.flow_style and not said:
            return self.mapping(node, default, f"{path}.")
        if not text:
            self.silent.append(path)
        self.rows.append((path, "" if default in ("", None, [], {}) else json.dumps(default, ensure_ascii=False), text))
        return {"description": text} | ({} if default is None else inferred(default)) | said


def portable(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Our schema as Helm reads it: draft 7, and Go's regular expressions, which cannot look ahead."""
    if isinstance(schema, list):
        return [portable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: portable(value) for key, value in schema.items() if key not in ("$defs", "$id", "$schema")}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/$defs/", "#/definitions/")
    pattern = made.get("pattern")
    if isinstance(pattern, str):
        # Go's $ is the very end already.
        made["pattern"] = pattern.replace(r"$(?!\n)", "$").replace(ABOVE_ZERO, "")
        if ABOVE_ZERO in pattern:
            made["not"] = {"type": "string", "pattern": "^[0.]+[a-z]+$"}
    return made


ABOVE_ZERO: Final = "(?=[0-9.]*[1-9])"


def schema(values: Values) -> str:
    """values.schema.json."""
    document = json.loads(GATEWAYS.read_text(encoding="utf-8"))
    definitions = {name: portable(block) for name, block in document["$defs"].items()}
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the gateway's chart; made by generate.py",
        **values.schema,
        "definitions": {"gateways": portable(document), **definitions},
    }
    # Helm gives charts that are part of another chart these.
    whole["properties"]["global"] = {"type": "object"}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def readme(values: Values, text: str) -> str:
    """README.md with a new table."""
    lines = ["| key | default |  |", "| --- | --- | --- |"]
    for path, default, said in values.rows:
        shown = f"`{default}`" if default else ""
        cells = (f"`{path}`", shown, said)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    table = "\n".join(lines)
    return re.sub(
        r"<!-- values -->\n.*?<!-- end -->", lambda _: f"<!-- values -->\n{table}\n<!-- end -->", text, flags=re.DOTALL
    )


def main(arguments: list[str]) -> int:
    """Write what has changed, or say it."""
    values = Values((CHART / "values.yaml").read_text(encoding="utf-8"))
    if values.silent:
        sys.stderr.write(f"no comment in values.yaml: {', '.join(values.silent)}\n")
        return 1
    page = CHART / "README.md"
    made = {CHART / "values.schema.json": schema(values), page: readme(values, page.read_text(encoding="utf-8"))}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            sys.stderr.write(f"helm/{path.name} is stale: python helm/generate.py\n")
        else:
            path.write_text(made[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
