"""`gateway cache purge`: forgets kept answers."""

import asyncio
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from gateway import stores
from gateway.cli.known import providers
from gateway.policies.cache import purge
from gateway.settings.blocks import Document, Server
from gateway.settings.load import load
from gateway.settings.problems import Problems
from gateway.stores.store import StoreLost

SUMMARY: Final = "forget answers that the cache keeps"
EPILOG: Final = """\
It empties the cache that all replicas share (`server.state: redis://...`). Without Redis each process keeps its own
answers in its memory, where no other process can reach them: restart it, or wait for their time to live.

examples:
  gateway cache purge                              all gateways of gateways.yaml of this folder
  gateway cache purge --gateway acme/production    one gateway
  gateway cache purge --config /etc/gateway/gateways.yaml

exit codes: 0 done, 1 the configuration or the store cannot be used, 2 usage
"""


def add_arguments(parser: ArgumentParser) -> None:
    """What to do, with which file, for which gateway."""
    parser.add_argument("action", choices=("purge",), help="purge: forget kept answers")
    parser.add_argument(
        "--config", metavar="FILE", type=Path, default=Path("gateways.yaml"), help="default: gateways.yaml"
    )
    parser.add_argument("--gateway", metavar="ACCOUNT/NAME", help="only this gateway's answers; default: all")


def run(arguments: Namespace) -> int:
    """Empty the shared cache, and say how much was in it."""
    try:
        document = load(arguments.config, os.environ, providers()).document
    except Problems as problems:
        for line in problems.lines():
            print(line, file=sys.stderr)
        return 1
    names = [one for one in every(document) if arguments.gateway in (None, f"{one[0]}/{one[1]}")]
    if not names:
        print(f"{arguments.config} has no gateway {arguments.gateway}.", file=sys.stderr)
        return 1
    if document.server.state.reveal() == "memory":
        print("Kept answers are in the memory of the process that serves: restart it (server.state).", file=sys.stderr)
        return 1
    try:
        count = asyncio.run(purged(document.server, names))
    except StoreLost:
        print("The store did not answer (server.state): nothing is known to be forgotten.", file=sys.stderr)
        return 1
    print(f"{count} answer{'' if count == 1 else 's'} forgotten")
    return 0


def every(document: Document) -> list[tuple[str, str]]:
    """Account and name of each gateway."""
    return [(account, name) for account, tenant in document.accounts.items() for name in tenant.gateways]


async def purged(server: Server, names: list[tuple[str, str]]) -> int:
    """How many answers of these gateways there were; raises StoreLost."""
    store = stores.opened(server.state.reveal(), ca_file=server.ca_file)
    try:
        return sum([await purge(store, account, name) for account, name in names])
    finally:
        await store.aclose()
