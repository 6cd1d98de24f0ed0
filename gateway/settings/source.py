"""gateways.yaml as bytes and as text: bounded before it is read, and refused if it is no text."""

import os
import re
import stat
from pathlib import Path
from typing import Final, NoReturn

from gateway.settings.problems import Problem, Problems

LARGEST: Final = 2 * 2**20
LARGEST_REFERENCE: Final = 2**20
UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FOREIGN: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Unreadable(Exception):  # noqa: N818 - a sentence on its way to a Problem
    """Why a file cannot be read, as the end of a sentence about it."""


def fetch(path: Path, largest: int) -> bytes:
    """A file's bytes; raises Unreadable for what is larger, is no file, or may not be read."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > largest:
                raise Unreadable(f"is larger than {largest // 2**20} MiB")
            content = file.read(largest + 1)
    except IsADirectoryError:
        raise Unreadable("is a directory") from None
    except FileNotFoundError:
        raise Unreadable("does not exist") from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the path. The text of an OSError would repeat the path.
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "no such path"
        raise Unreadable(f"cannot be read: {reason}") from None
    if len(content) > largest:
        raise Unreadable(f"is larger than {largest // 2**20} MiB")
    return content


def fetch_regular(path: Path) -> bytes:
    """A referenced file's bytes; raises Unreadable, also for pipes and devices, which could block for ever."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        mode = stat.S_IFREG  # fetch says what is wrong with it
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise Unreadable("is not a regular file")
    return fetch(path, LARGEST_REFERENCE)


def read(path: Path) -> bytes:
    """The bytes of a gateways.yaml; raises Problems."""
    try:
        return fetch(path, LARGEST)
    except Unreadable as reason:
        raise Problems(path, [Problem(1, 1, "", f"the file {reason}")]) from None


def text(path: Path, content: bytes) -> str:
    """The bytes as text; raises Problems for what is not UTF-8 or holds characters that YAML forbids."""
    if encoding := FOREIGN.get(content[:2]):
        refuse(path, b"", f"the file is {encoding}; save it as UTF-8")
    if b"\0" in content:
        before = content[: content.index(b"\0")]
        refuse(path, before, "there is a NUL byte here: this is no text file, or it is UTF-16; save it as UTF-8")
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        refuse(path, before, f"the byte 0x{content[error.start]:02X} here is not UTF-8; save the file as UTF-8")
    if found := UNPRINTABLE.search(decoded):
        before = decoded[: found.start()].encode()
        refuse(path, before, f"the character U+{ord(found[0]):04X} here cannot stand in YAML; remove it")
    return decoded


def refuse(path: Path, before: bytes, sentence: str) -> NoReturn:
    """Raise Problems at the end of `before`, which decodes."""
    line = before[before.rfind(b"\n") + 1 :].decode("utf-8-sig", "replace")
    raise Problems(path, [Problem(before.count(b"\n") + 1, len(line) + 1, "", sentence)])
