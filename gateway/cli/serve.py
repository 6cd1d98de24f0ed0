"""`gateway serve`: runs the gateway until it is told to stop."""

import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from gateway.cli.known import providers
from gateway.settings.blocks import Document
from gateway.settings.load import Loaded, load
from gateway.settings.problems import Problems

SUMMARY: Final = "run the gateway"
EPILOG: Final = """\
Request logs go to standard output, one JSON line per call; everything else goes to standard error. An edit of the file
is picked up within a second; a bad one is reported, and what was in force stays in force. SIGTERM drains, a second one
ends at once; SIGHUP reads the file again.

examples:
  gateway serve                                     gateways.yaml of this folder, on http://127.0.0.1:8787
  gateway serve --config /etc/gateway/gateways.yaml --host 0.0.0.0 --workers 4
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 gateway serve      with traces

exit codes: 0 stopped, 1 the configuration or the address cannot be used, 2 usage
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The file, the address, the number of processes."""
    parser.add_argument(
        "--config", metavar="FILE", type=Path, default=Path("gateways.yaml"), help="default: gateways.yaml"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; default: 127.0.0.1")
    parser.add_argument("--port", type=port, default=8787, help="default: 8787; 0 takes a free one")
    parser.add_argument("--workers", type=positive, default=1, help="processes that share the port; default: 1")


def port(text: str) -> int:
    """A port's number; raises ValueError."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError(text)
    return number


def positive(text: str) -> int:
    """A number of processes; raises ValueError."""
    number = int(text)
    if not 1 <= number <= 256:
        raise ValueError(text)
    return number


def run(arguments: Namespace) -> int:
    """Check everything that can be checked, then serve."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        loaded = load(arguments.config, os.environ, providers())
    except Problems as problems:
        for line in problems.lines():
            print(line, file=sys.stderr)
        return 1
    if exposed := unguarded(loaded.document, arguments.host):
        print(exposed, file=sys.stderr)
        return 1
    return start(arguments, loaded)


def unguarded(document: Document, host: str) -> str:
    """Why this address must not be listened on: gateways open to anybody who reaches it; empty when it may."""
    if loopback(host):
        return ""
    found = [
        f"{account}/{name}"
        for account, tenant in document.accounts.items()
        for name, block in tenant.gateways.items()
        if block.authentication is None
    ]
    if not found:
        return ""
    return (
        f"Not listening on {host}: without authentication anybody who reaches it could use {', '.join(found)} and the"
        " provider keys stored there. Add `authentication: {tokens: [...]}` (see `gateway token`), or say"
        " `authentication: none` where that is meant."
    )


def loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def banner(document: Document, url: str) -> str:
    """What is served where, and a call that works."""
    gateways = [(account, name) for account, tenant in document.accounts.items() for name in tenant.gateways]
    account, name = gateways[0]
    lines = [f"gateway listens on {url}", *(f"  {url}/v1/{a}/{g}/{{provider}}/…" for a, g in gateways[:10])]
    if len(gateways) > 10:
        lines.append(f"  and {len(gateways) - 10} more gateways")
    block = document.accounts[account].gateways[name]
    door = "" if block.authentication in (None, "none") else " -H 'cf-aig-authorization: Bearer <token>'"
    body = '{"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}'
    lines += [
        "try it:",
        f"  curl {url}/v1/{account}/{name}/demo/chat/completions{door} \\",
        f"    -H 'content-type: application/json' -d '{body}'",
    ]
    return "\n".join(lines)
