"""The command line: one module per command, imported only when it is that command's turn.

A command's module has SUMMARY (one line), EPILOG (examples), `add_arguments(parser)` and `run(arguments) -> int`.
Exit codes: 0 fine, 1 the input is wrong, 2 usage.
"""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from io import TextIOWrapper
from types import ModuleType
from typing import Final

from gateway import __version__

COMMANDS: Final = ("serve", "check", "explain", "schema", "token", "cache", "import")
MODULES: Final = {"import": "importing"}
"""Modules of the commands whose names Python keeps for itself."""
INTERRUPTED: Final = 130
"""128 and SIGINT's number, as shells have it."""

DESCRIPTION: Final = "A self-hosted AI gateway: one process, one YAML file."
EPILOG: Final = """\
the first steps:
  gateway serve                   serve what gateways.yaml says, on http://127.0.0.1:8787
  gateway check                   find everything that is wrong with gateways.yaml
  gateway <command> --help        explain a command, with examples

exit codes: 0 fine, 1 the input is wrong, 2 usage
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show a character gets its code instead of a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = run(given[0], given[1:]) if given and given[0] in COMMANDS else guide(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough (`gateway schema | head`); nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def run(name: str, arguments: Sequence[str]) -> int:
    """Run the command of this name."""
    command = module(name)
    parser = ArgumentParser(
        prog=f"gateway {name}",
        description=command.SUMMARY,
        epilog=command.EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    code: int = command.run(parser.parse_args(arguments))
    return code


def guide(arguments: Sequence[str]) -> int:
    """What to do when no command was given: help, the version, or a word about the one that was meant."""
    parser = ArgumentParser(
        prog="gateway", description=DESCRIPTION, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"gateway {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="<command>")
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    if wanted:
        close = get_close_matches(wanted[:20], COMMANDS, n=1)
        parser.error(f"there is no command {wanted!r}" + (f"; did you mean `gateway {close[0]}`?" if close else ""))
    if "--version" not in arguments:
        # Only help needs every command's summary, and with it every command's module.
        for name in COMMANDS:
            commands.add_parser(name, help=module(name).SUMMARY)
    parser.parse_args(arguments)
    parser.print_help(sys.stderr)
    return 2


def module(name: str) -> ModuleType:
    """The module of a command."""
    return import_module(f"gateway.cli.{MODULES.get(name, name)}")
