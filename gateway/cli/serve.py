"""`gateway serve`: runs the gateway until it is told to stop."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import uvloop

from gateway.app import Application
from gateway.cli.known import providers
from gateway.process import Process
from gateway.server import workers
from gateway.server.limits import Options, Worker
from gateway.server.serving import SIGNALS, Serving, listen
from gateway.settings import rules
from gateway.settings.blocks import Document, Server
from gateway.settings.load import Loaded, load
from gateway.settings.problems import Problems
from gateway.upstream import tls

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
    # What uvicorn says at INFO is about itself; its errors are about us.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        loaded = load(arguments.config, os.environ, providers())
    except Problems as problems:
        for line in problems.lines():
            print(line, file=sys.stderr)
        return 1
    if objection := objections(loaded.document, arguments.host, arguments.workers):
        print(objection, file=sys.stderr)
        return 1
    options = served(arguments, loaded.document.server)
    return worker(arguments.config, loaded, options) if inherited() or options.workers == 1 else parent(options, loaded)


def served(arguments: Namespace, server: Server) -> Options:
    """The flags and the file's `server` block as one."""
    return Options(
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        max_header_bytes=int(server.max_header_bytes),
        max_request_bytes=int(server.max_request_bytes),
        header_timeout=float(server.header_timeout),
        keep_alive=float(server.keep_alive),
        drain_delay=server.drain.delay,
        drain_timeout=server.drain.timeout,
    )


def inherited() -> bool:
    """Whether this process is a worker that its parent gave a socket."""
    return workers.SOCKET in os.environ


def parent(options: Options, loaded: Loaded) -> int:
    """Run several workers."""
    # As in `worker`: whoever connects may stop us, also before the parent has its handlers.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        one = workers.Parent(options, workers.command(sys.argv[1:]))
    except OSError as error:
        return unlistenable(options, error)
    print(banner(loaded.document, url(options.host, one.port)), file=sys.stderr, flush=True)
    return one.run()


def worker(path: Path, loaded: Loaded, options: Options) -> int:
    """Serve in this process."""
    # Who connects may also stop us; a signal that comes before the loop can take it waits (until Serving lets it in).
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        sock = socket.socket(fileno=int(os.environ[workers.SOCKET])) if inherited() else listen(options)
    except OSError as error:
        return unlistenable(options, error)
    gc.collect()
    # What stands now stays: the collector need not walk it again and again, which is a few per cent of a call.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    process = Process(path, loaded, os.environ, providers())
    serving = Serving(Application(process), Worker(options), lambda: greet(loaded, options, sock))
    process.serving(
        lambda: serving.worker.draining, workers.siblings(dict(os.environ)), lambda new: adopted(new, serving.worker)
    )
    serving.on_reload = process.reload
    uvloop.run(until_done(serving, sock))
    if inherited() and os.getppid() == 1:
        # The parent, who would have removed it, is gone; the last worker finds it empty.
        with contextlib.suppress(OSError):
            os.rmdir(os.environ[workers.FOLDER])
    return 0


def adopted(document: Document, worker: Worker) -> str:
    """Take a reloaded file's `server` block, or say why the file must not be served on this address."""
    options = worker.options
    if objection := objections(document, options.host, options.workers):
        return objection
    flags = Namespace(host=options.host, port=options.port, workers=options.workers)
    worker.options = served(flags, document.server)
    return ""


def objections(document: Document, host: str, workers: int) -> str:
    """Why this file must not be served so; empty when it may."""
    return unguarded(document, host) or tls.problem(document.server.ca_file) or rules.unshared(document, workers)


async def until_done(serving: Serving, sock: socket.socket) -> None:
    """Serve; a worker also stops when its parent is gone."""
    if inherited():
        lifeline = int(os.environ[workers.LIFELINE])
        asyncio.get_running_loop().add_reader(lifeline, lambda: orphaned(serving, lifeline))
    await serving.serve(sockets=[sock])


def orphaned(serving: Serving, lifeline: int) -> None:
    """The parent has died: drain."""
    asyncio.get_running_loop().remove_reader(lifeline)
    serving.stop()


def greet(loaded: Loaded, options: Options, sock: socket.socket) -> None:
    """Say where this process listens, unless its parent said so."""
    if not inherited():
        print(banner(loaded.document, url(options.host, sock.getsockname()[1])), file=sys.stderr, flush=True)


def unlistenable(options: Options, error: OSError) -> int:
    """Say why the address cannot be used."""
    print(f"Cannot listen on {options.host}:{options.port}: {error.strerror or error}.", file=sys.stderr)
    return 1


def url(host: str, number: int) -> str:
    """Where to reach a server that listens on `host`."""
    name = host.strip("[]")
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(name, f"[{name}]" if ":" in name else name)  # noqa: S104 - compared
    return f"http://{name}:{number}"


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
