"""`gateway explain`: what would happen to a call, without sending anything."""

import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from gateway.call import Headers
from gateway.cli.known import providers
from gateway.explain import Fact, Request, explain
from gateway.phrases import shown
from gateway.settings.load import load
from gateway.settings.problems import Problems

SUMMARY: Final = "say what would happen to a call, without sending anything"
EPILOG: Final = """\
The call goes through the code that serves calls, up to the moment when it would be sent: which gateway, who calls,
which provider and URL, which stored key, which deadlines and which price. A refusal is shown as the client would get
it. No secret is printed, and nothing is connected to.

examples:
  gateway explain --path /v1/local/default/demo/chat/completions --data '{"model": "demo", "messages": []}'
  gateway explain --path /v1/acme/production/cerebras/models --method GET --header "authorization: Bearer x"
  gateway explain --path /v1/local/default/openai/chat/completions --data @body.json

exit codes: 0 explained, also when the call would be refused; 1 the configuration or the input is wrong, 2 usage
"""

NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
METHOD: Final = re.compile(r"[A-Z][A-Z-]{0,31}")


def add_arguments(parser: ArgumentParser) -> None:
    """The call, and the file it would be served from."""
    parser.add_argument("--path", required=True, type=target, help="the path and query, such as /v1/local/default/…")
    parser.add_argument("--method", type=method, default="POST", help="default: POST")
    parser.add_argument(
        "--header", metavar="'NAME: VALUE'", type=header, action="append", default=[], help="may be given several times"
    )
    parser.add_argument("--data", metavar="TEXT|@FILE", default="", help="the request's body; default: none")
    parser.add_argument(
        "--config", metavar="FILE", type=Path, default=Path("gateways.yaml"), help="default: gateways.yaml"
    )


def run(arguments: Namespace) -> int:
    """Print the facts, one a line."""
    try:
        loaded = load(arguments.config, os.environ, providers())
    except Problems as problems:
        for line in problems.lines():
            print(line, file=sys.stderr)
        return 1
    try:
        body = content(arguments.data)
    except OSError as error:
        print(f"--data: {arguments.data[1:]}: {error.strerror or error}", file=sys.stderr)
        return 1
    request = Request(arguments.method, arguments.path, completed(arguments.header, body), body)
    print(f"{request.method} {shown(request.target.partition(b'?')[0])}\n")
    for line in table(explain(request, loaded, os.environ)):
        print(line)
    return 0


def target(text: str) -> bytes:
    """A path as its bytes in a request line; what is not ASCII stands there as UTF-8."""
    if not text.startswith("/"):
        raise ArgumentTypeError("a path begins with a slash")
    return text.encode("utf-8", "surrogateescape")


def method(text: str) -> str:
    """An HTTP method, in capitals."""
    if METHOD.fullmatch(text.upper()):
        return text.upper()
    raise ArgumentTypeError("a method is a word such as POST")


def header(text: str) -> tuple[bytes, bytes]:
    """`Name: value` as a pair of bytes, the name in lower case."""
    name, colon, value = text.partition(":")
    if not (colon and NAME.fullmatch(name.strip())) or re.search(r"[\r\n\0]", value):
        raise ArgumentTypeError("a header is written 'name: value'")
    return name.strip().lower().encode("ascii"), value.strip().encode("utf-8", "surrogateescape")


def content(written: str) -> bytes:
    """The body: text, or a file's content; raises OSError."""
    return Path(written[1:]).read_bytes() if written.startswith("@") else written.encode("utf-8", "surrogateescape")


def completed(given: Headers, body: bytes) -> Headers:
    """The headers with those that every client adds by itself."""
    usual = {b"host": b"localhost", b"content-length": b"%d" % len(body)}
    if body:
        usual[b"content-type"] = b"application/json"
    names = {name for name, _ in given}
    return [*((name, value) for name, value in usual.items() if name not in names), *given]


def table(facts: list[Fact]) -> list[str]:
    """The facts below one another."""
    width = max(len(about) for about, _ in facts) + 2
    return [f"  {about:<{width}}{text}" for about, text in facts]
