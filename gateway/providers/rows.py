"""providers.yaml as types: read once, checked while it is read."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
import yaml

Family: TypeAlias = Literal[
    "openai", "anthropic", "gemini", "cohere", "bedrock", "replicate", "huggingface", "workers_ai"
]
Propagate: TypeAlias = Literal["none", "traceparent", "traceparent+tracestate"]
HeaderName: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]+$")]

FILE: Final = Path(__file__).with_name("providers.yaml")


class Credential(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A header that carries the key, and what stands before the key in it."""

    header: HeaderName
    prefix: str = ""


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form of path and the URL template it becomes; the file's head says what may stand in both."""

    path: str
    url: Annotated[str, msgspec.Meta(pattern="^https?://")]
    service: str = ""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider, as data; the head of providers.yaml explains the fields."""

    base_url: str = ""
    version: str = ""
    unversioned: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    aliases: tuple[str, ...] = ()
    dialect: Family = "openai"
    auth: Literal["bearer", "none", "aws", "google"] | Credential = "bearer"
    slots: tuple[HeaderName, ...] = ()
    drops: tuple[HeaderName, ...] = ()
    query_slots: tuple[str, ...] = ()
    bearer_paths: tuple[str, ...] = ()
    key_field: str = ""
    """The field of a stored JSON key that is the key proper."""
    target_header: str = ""
    """A request header in which a client may give the whole URL, for `target_hosts` and what lies below them."""
    target_hosts: tuple[str, ...] = ()
    model_in: str = ""
    telemetry: str = ""
    pricing: str = ""
    propagate: Propagate = "none"
    in_process: bool = False


@cache
def load() -> dict[str, Row]:
    """The rows by name; raises msgspec.ValidationError for a row that is not one."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with FILE.open("rb") as text:
        return msgspec.convert(yaml.load(text, loader), dict[str, Row])  # noqa: S506 - a safe loader, the C one


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A row's regular expression, compiled when it is first needed."""
    return re.compile(text)


ALIASES: Final[dict[str, str]] = {alias: name for name, row in load().items() for alias in row.aliases}
"""Other names a provider may have in a URL or before a model, to the row's own."""
