"""`gateway token`: a new gateway token, shown once; the file keeps only its SHA-256."""

import hashlib
import json
import re
import secrets
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Final

SUMMARY: Final = "make a gateway token, and the line for gateways.yaml that recognises it"
EPILOG: Final = """\
The token is shown once and kept nowhere: give it to the application. gateways.yaml gets its SHA-256, which opens
nothing.

examples:
  gateway token
  gateway token --name web
"""

BYTES: Final = 32
"""256 random bits: 43 characters of URL-safe base64."""
LONGEST_NAME: Final = 64


def add_arguments(parser: ArgumentParser) -> None:
    """What the token is called."""
    parser.add_argument("--name", type=name, default="web", help="what logs and spans call it; default: web")


def run(arguments: Namespace) -> int:
    """Print the token and its line."""
    token = f"gw_{secrets.token_urlsafe(BYTES)}"
    digest = hashlib.sha256(token.encode()).hexdigest()
    print(f"token, shown only this once:\n\n  {token}\n")
    print("under `authentication: tokens:` of a gateway in gateways.yaml:\n")
    print(f"  - {{name: {written(arguments.name)}, sha256: {digest}}}")
    return 0


def name(text: str) -> str:
    """A token's name, as gateways.yaml allows it."""
    if 1 <= len(text) <= LONGEST_NAME and text.isprintable():
        return text
    raise ArgumentTypeError(f"a name has 1 to {LONGEST_NAME} printable characters")


def written(text: str) -> str:
    """A name as YAML; in quotes where it could be read as anything else."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text) and text.lower() not in (
        "true", "false", "null", "yes", "no", "on", "off", "y", "n",
    )  # fmt: skip
    return text if plain else json.dumps(text, ensure_ascii=False)
