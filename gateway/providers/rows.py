"""providers.yaml as types: read once, checked while it is read."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
import yaml

from gateway.translation.codec import Quirks
from gateway.translation.embeddings.codec import Quirks as EmbeddingQuirks
from gateway.translation.embeddings.codec import segment
from gateway.translation.values import wrong

Family: TypeAlias = Literal[
    "openai", "anthropic", "gemini", "cohere", "bedrock", "replicate", "huggingface", "workers_ai"
]
Propagate: TypeAlias = Literal["none", "traceparent", "traceparent+tracestate"]
Spoken: TypeAlias = Literal[
    "openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "bedrock_converse", "cohere_chat",
    "openai_embeddings", "gemini_embed", "gemini_predict", "cohere_embed", "bedrock_invoke",
]  # fmt: skip
"""Dialects that a unified call can be translated to; Bedrock's InvokeModel is one for embeddings only."""
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


class Speech(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dialect that a provider speaks, for which of its models, and where.

    A path is a template of what a client of the gateway writes: `{model}` is the provider's own name of the model, as
    one segment; a `?` begins the query.
    """

    dialect: Spoken
    path: str
    stream_path: str = ""
    """For streams, where they have a path of their own."""
    count_path: str = ""
    """Where the tokens of a request are counted; empty where they are not."""
    models: str = ""
    """A regular expression that a model's whole name must match. Its group `model` is what the provider calls it, any
    other group a part of the path; empty is every model."""
    wrap: Literal["", "vertex", "bedrock"] = ""
    """How a cloud wraps the maker's own request (gateway.translation.anthropic_messages.wrapped)."""
    quirks: Quirks | None = None
    """In place of the row's, for a provider whose models do not all speak the same dialect."""

    def fits(self, model: str) -> bool:
        """Whether it is for this model."""
        return not self.models or pattern(self.models).fullmatch(model) is not None

    def parts(self, model: str) -> dict[str, str]:
        """What stands in the paths' holes; raises Refusal 400 for a model that it does not fit."""
        match = pattern(self.models).fullmatch(model) if self.models else None
        if match is None and self.models:
            raise wrong("model", "is of a form that this provider does not have.")
        return {"model": model, **(match.groupdict() if match else {})}

    def name(self, model: str) -> str:
        """What the provider calls the model; raises Refusal 400 as `parts` does."""
        return self.parts(model)["model"]

    def place(self, model: str, stream: bool) -> tuple[bytes, bytes]:
        """Path and query below the provider's slug; raises Refusal 400 for a name that no segment can hold."""
        return self.filled(self.stream_path if stream and self.stream_path else self.path, model)

    def counting(self, model: str) -> bytes:
        """The path at which tokens are counted; raises Refusal 400 where they are not."""
        if not self.count_path:
            raise wrong("model", "has its tokens counted only by the model itself, in its answer.")
        return self.filled(self.count_path, model)[0]

    def below(self, path: str) -> bytes:
        """A path that a codec wrote, with what stands before it here: the version, the deployment."""
        first = path.partition("/")[0] + "/"
        before, found, _ = self.path.partition(first)
        return f"{before if found else ''}{path}".encode("ascii")

    def filled(self, template: str, model: str) -> tuple[bytes, bytes]:
        """A template with its holes filled, each with one segment."""
        path, _, query = template.partition("?")
        for name, value in self.parts(model).items():
            if (hole := f"{{{name}}}") in path:
                path = path.replace(hole, segment(value))
        return path.encode("ascii"), query.encode("ascii")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider, as data; the head of providers.yaml explains the fields."""

    base_url: str = ""
    version: str = ""
    unversioned: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    hosts: dict[str, str] = {}
    """Hosts that a route's template makes and that are called otherwise."""
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
    home_of: tuple[Spoken, ...] = ()
    """Dialects in which a model without a provider before it means one of this provider's."""
    models: tuple[str, ...] = ()
    """Models that no price table knows, for the list of models."""
    speaks: tuple[Speech, ...] | None = None
    """On the unified endpoints, in order of preference; None leaves it to the family, `[]` is nothing at all."""
    quirks: Quirks = Quirks()
    """How its version of OpenAI's chat completions differs."""
    embedding_quirks: EmbeddingQuirks = EmbeddingQuirks()


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
