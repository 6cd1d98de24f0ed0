"""Secrets as helm sends them: its releases come in Kubernetes' protobuf, of which this reads just that."""

import base64
from typing import Any

MAGIC = b"k8s\0"


def varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number, and where the next thing begins."""
    number = shift = 0
    while True:
        number |= (raw[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if raw[at - 1] < 128:
            return number, at


def fields(raw: bytes) -> list[tuple[int, Any]]:
    """The fields of a message: number, and bytes or an integer."""
    at, found = 0, []
    while at < len(raw):
        tag, at = varint(raw, at)
        value, at = varint(raw, at)
        if tag & 7 == 2:
            value, at = raw[at : at + value], at + value
        elif tag & 7 != 0:
            raise ValueError(f"wire type {tag & 7}")
        found.append((tag >> 3, value))
    return found


def mapping(message: list[tuple[int, Any]], number: int) -> dict[str, bytes]:
    """A field that is a map."""
    pairs = [dict(fields(raw)) for tag, raw in message if tag == number]
    return {pair[1].decode(): pair.get(2, b"") for pair in pairs}


def texts(message: list[tuple[int, Any]], number: int) -> dict[str, str]:
    """A map of texts."""
    return {name: value.decode() for name, value in mapping(message, number).items()}


def secret(raw: bytes) -> dict[str, Any]:
    """A Secret, as its JSON would be."""
    unknown = dict(fields(raw.removeprefix(MAGIC)))
    type_meta = dict(fields(unknown[1]))
    assert type_meta[2] == b"Secret", type_meta
    message = fields(unknown[2])
    about = fields(dict(message)[1])
    first = {number: value for number, value in reversed(about) if isinstance(value, bytes)}
    data = {name: base64.b64encode(value).decode() for name, value in mapping(message, 2).items()}
    return {
        "apiVersion": type_meta[1].decode(),
        "kind": "Secret",
        "metadata": {
            "name": first[1].decode(),
            "namespace": first.get(3, b"").decode(),
            "labels": texts(about, 11),
            "annotations": texts(about, 12),
            **({"resourceVersion": first[6].decode()} if first.get(6) else {}),
        },
        "type": dict(message).get(3, b"").decode(),
        "data": data,
    }
