"""`gateway check`: everything that is wrong with a gateways.yaml, with places."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from gateway.cli.known import providers
from gateway.settings import rules
from gateway.settings.blocks import Authentication, Document
from gateway.settings.load import load
from gateway.settings.problems import Problems, render
from gateway.upstream import tls

SUMMARY: Final = "find everything that is wrong with a gateways.yaml"
EPILOG: Final = """\
Each problem is a line FILE:LINE:COL: path: what is wrong, and what was probably meant. References such as ${NAME} and
${file:PATH} are resolved, so run it where the gateway will run; a secret's value is never printed.

examples:
  gateway check                            gateways.yaml of this folder
  gateway check deploy/gateways.yaml
  OPENAI_API_KEY=x gateway check           with a stand-in for a secret that is not here

exit codes: 0 sound, 1 something is wrong, 2 usage
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The file."""
    parser.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, default=Path("gateways.yaml"), help="default: gateways.yaml"
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="as for serve: whether so many processes can serve it; default: 1"
    )


def run(arguments: Namespace) -> int:
    """Print the problems, or one line that says the file is sound."""
    try:
        loaded = load(arguments.file, os.environ, providers())
    except Problems as problems:
        for line in problems.lines():
            print(line)
        return 1
    if wrong := tls.problem(loaded.document.server.ca_file) or rules.unshared(loaded.document, arguments.workers):
        print(f"{arguments.file}: {wrong}")
        return 1
    for note in loaded.notes:
        print(f"note: {render(arguments.file, note)}")
    print(f"{arguments.file}: {contents(loaded.document)}: sound")
    return 0


def contents(document: Document) -> str:
    """What a document holds, in numbers."""
    blocks = [block for account in document.accounts.values() for block in account.gateways.values()]
    doors = [block.authentication for block in blocks if isinstance(block.authentication, Authentication)]
    with_keys = {provider for block in blocks for provider in block.keys}
    return ", ".join(
        (
            count(len(document.accounts), "account"),
            count(len(blocks), "gateway"),
            count(sum(len(door.tokens) for door in doors), "token"),
            f"keys for {count(len(with_keys), 'provider')}",
        )
    )


def count(number: int, what: str) -> str:
    """`1 token`, `2 tokens`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
