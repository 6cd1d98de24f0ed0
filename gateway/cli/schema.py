"""`gateway schema`: the JSON Schemas of what the gateway reads and writes."""

import json
from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Final

SUMMARY: Final = "print the JSON Schema of gateways.yaml, or of a line of the request log"
EPILOG: Final = """\
An editor with the YAML language server completes and checks gateways.yaml when its first line is
  # yaml-language-server: $schema=schemas/gateways.schema.json

examples:
  gateway schema > gateways.schema.json
  gateway schema log
"""

SCHEMAS: Final = {"gateways": "gateway.settings.schema", "log": "gateway.logs.line"}


def add_arguments(parser: ArgumentParser) -> None:
    """Which of the schemas."""
    parser.add_argument("which", choices=list(SCHEMAS), nargs="?", default="gateways", help="default: gateways")


def run(arguments: Namespace) -> int:
    """Print it, as it stands in schemas/."""
    print(render(import_module(SCHEMAS[arguments.which]).schema()), end="")
    return 0


def render(schema: object) -> str:
    """A schema as text that ends in a line break."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
