"""gateways.yaml to a Document: read, parsed, references resolved, defaults spread, typed, checked: all or nothing."""

import hashlib
from collections.abc import Mapping as Env
from importlib import import_module
from pathlib import Path

import msgspec

from gateway.settings.block import Name
from gateway.settings.blocks import Document, GatewayBlock
from gateway.settings.checks import check, key_names, notes
from gateway.settings.defaults import gateways, spread
from gateway.settings.nodes import Finding, Mapping, Node, Plain, Scalar, located, plain, scalars
from gateway.settings.parse import parse
from gateway.settings.problems import Problem, Problems
from gateway.settings.references import References, drop_absent
from gateway.settings.source import read, text
from gateway.settings.units import Readable


class Loaded(msgspec.Struct, frozen=True):
    """A sound configuration, and what it was made from."""

    document: Document
    version: str
    """Twelve hex digits that change with the file and with anything it refers to."""
    files: tuple[Path, ...]
    """The file itself, then those it refers to."""
    notes: tuple[Problem, ...] = ()
    """What is sound, and yet worth a look."""


def load(path: Path, env: Env[str, str], known: Env[str, str] | None = None) -> Loaded:
    """Read a gateways.yaml; raises Problems with everything that is wrong with it.

    `known` are the providers' names and aliases, each with the package's extra without which its stored keys cannot be
    used, or with nothing; None leaves names unchecked.
    """
    content = read(path)
    root, findings = parse(path, text(path, content))
    references = References(path.parent, env)
    references.resolve(path, root)
    files = (path, *references.files)
    findings += references.findings
    findings += key_names(root, known)
    prepare(root)
    findings += spread(root)
    document, wrong = typed(root)
    findings += wrong
    findings += check(root, known)
    if findings or document is None:
        raise Problems(path, located(root, findings), files)
    return Loaded(document, version(content, references.values), files, tuple(sorted(located(root, notes(root)))))


def prepare(root: Node) -> None:
    """Drop the optional keys that are not there."""
    drop_absent(root.get("defaults") if isinstance(root, Mapping) else None)
    for _, _, _, block in gateways(root):
        drop_absent(block)


def version(content: bytes, values: Env[str, str]) -> str:
    """A hash over the file and what its references came to, each part with its length before it."""
    parts = [content, *(part.encode() for pair in values.items() for part in pair)]
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()[:12]


def typed(root: Node) -> tuple[Document | None, list[Finding]]:
    """The document, or why there is none.

    A sound file is converted at once; only for one that is not does the schema look for everything that is wrong.
    """
    value = plain(root)
    if not has_null(value):
        try:
            return document(value), []
        except msgspec.ValidationError:
            pass
    sentences = import_module("gateway.settings.sentences").Sentences(root, suspect(value))
    found: list[Finding] = sentences.findings()
    if found or any(isinstance(scalar, Scalar) and scalar.broken for scalar in scalars(root)):
        return None, found
    try:
        return document(value), []
    except msgspec.ValidationError as error:
        # Types without values: what msgspec says here names no text of the file.
        return None, [Finding(root, f"the schema and the types differ; please report it ({type(error).__name__})")]


def suspect(value: Plain) -> Plain:
    """The document without the gateways that are sound: the schema takes a thousand times longer to see that.

    What is left is the same objects as in `value`, so that mending it mends both.
    """
    accounts = value.get("accounts") if isinstance(value, dict) else None
    if not isinstance(accounts, dict):
        return value
    return value | {"accounts": {name: suspect_account(account) for name, account in accounts.items()}}


def suspect_account(account: Plain) -> Plain:
    """An account without its sound gateways."""
    blocks = account.get("gateways") if isinstance(account, dict) else None
    if not isinstance(blocks, dict):
        return account
    return account | {"gateways": {name: block for name, block in blocks.items() if not sound(name, block)}}


def sound(name: str, block: Plain) -> bool:
    """Whether a gateway is as it should be, on its own."""
    try:
        msgspec.convert({name: block}, dict[Name, GatewayBlock], dec_hook=read_unit)
    except msgspec.ValidationError:
        return False
    return not has_null(block)


def has_null(value: Plain) -> bool:
    """Whether a key has no value, which the types would take for its absence."""
    if isinstance(value, dict | list):
        return any(map(has_null, value.values() if isinstance(value, dict) else value))
    return value is None


def read_unit(type: type[Readable], written: Plain) -> object:
    """A type of `units` from what is written; raises ValueError."""
    return type.read(written)


def document(value: Plain) -> Document:
    """The plain values as a Document; raises msgspec.ValidationError at the first that does not fit."""
    return msgspec.convert(value, Document, dec_hook=read_unit)
