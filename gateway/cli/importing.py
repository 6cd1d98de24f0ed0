"""`gateway import`: another gateway's configuration as a gateways.yaml."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from gateway.cli.known import providers
from gateway.importing.litellm import translated
from gateway.settings.parse import parse
from gateway.settings.problems import Problems
from gateway.settings.source import read, text

SUMMARY: Final = "make a gateways.yaml out of another gateway's configuration"
EPILOG: Final = """\
The file goes to standard output. Its comments say what each model is called here, and name with its line everything
that is different here or could not be carried over. A secret that stands in the config is not repeated: the file
refers to an environment variable, and says to which.

examples:
  gateway import litellm config.yaml > gateways.yaml
  gateway import litellm config.yaml --account acme --gateway production
  gateway check                                          what the new file still lacks

exit codes: 0 done, 1 the configuration cannot be read, 2 usage
"""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def add_arguments(parser: ArgumentParser) -> None:
    """Whose configuration, which file, and where it is to be."""
    parser.add_argument("kind", choices=("litellm",), help="litellm: the config.yaml of a LiteLLM proxy")
    parser.add_argument("file", metavar="FILE", type=Path, help="the configuration")
    parser.add_argument("--account", type=name, default="local", help="default: local")
    parser.add_argument("--gateway", type=name, default="default", help="default: default")


def run(arguments: Namespace) -> int:
    """Print the file; how much of the other one it holds goes to standard error."""
    path = arguments.file
    try:
        tree = parse(path, text(path, read(path)))
        draft = translated(path, tree, (arguments.account, arguments.gateway), providers())
    except Problems as problems:
        for line in problems.lines():
            print(line, file=sys.stderr)
        return 1
    print(draft.text, end="")
    print(f"{path}: {draft.names} names of models; to look at: {len(draft.notes)}", file=sys.stderr)
    return 0


def name(text: str) -> str:
    """A name as gateways.yaml has it."""
    if NAME.match(text):
        return text
    raise ArgumentTypeError("a name has 1 to 64 letters, digits, dots, hyphens or underscores")
