"""What messages and answers are made of."""

from typing import Any, Literal, TypeAlias

import msgspec


class Cache(msgspec.Struct, frozen=True):
    """A cache marker: everything up to here is worth keeping."""

    ttl: str = ""
    """`5m` or `1h`; empty where the client left it to the provider."""


class Citation(msgspec.Struct):
    """Where a piece of text comes from."""

    kind: Literal["url", "document", "file"] = "url"
    url: str = ""
    title: str = ""
    cited: str = ""
    """The words that are cited, where the provider quotes them."""
    source: str = ""
    """A document's index or id, or a file's id."""
    start: int | None = None
    end: int | None = None
    """Characters of the text that the citation is for."""
    native: Any = None
    """The provider's own object, for a client of the same dialect."""
    dialect: str = ""
    """The dialect that `native` is of."""


class Text(msgspec.Struct):
    """Words."""

    text: str = ""
    citations: list[Citation] = msgspec.field(default_factory=list)
    cache: Cache | None = None


class Media(msgspec.Struct):
    """An image, a sound, a film or a document; exactly one of `data`, `url`, `file` and `text` is given."""

    kind: Literal["image", "audio", "video", "document"]
    mime: str = ""
    """As in `image/png`; empty where the client did not say."""
    data: str = ""
    """Base64."""
    url: str = ""
    file: str = ""
    """The id of a file that lies at the provider."""
    text: str = ""
    """A document that is plain text."""
    name: str = ""
    detail: str = ""
    """OpenAI's `low`, `high` or `auto`."""
    cite: bool = False
    """Whether the answer may cite this document."""
    cache: Cache | None = None


class Thinking(msgspec.Struct):
    """What a model thought, with what proves it to its maker."""

    text: str = ""
    signature: str = ""
    """Opaque; only the dialect that made it can use it."""
    redacted: str = ""
    """Thoughts that the provider gave only in encrypted form."""
    id: str = ""
    maker: str = ""
    """The dialect whose signature it is; see `gateway.translation.signatures`."""
    summary: bool = False
    """Whether the text is a summary of the thoughts and not the thoughts."""
    cache: Cache | None = None


class ToolUse(msgspec.Struct):
    """A model's wish to have a tool run."""

    id: str
    name: str
    arguments: str = ""
    """JSON text, as the model wrote it; empty means no arguments. For a `custom` tool: free text."""
    custom: bool = False
    signature: str = ""
    """Google signs calls as well as thoughts."""
    maker: str = ""
    cache: Cache | None = None


class ToolResult(msgspec.Struct):
    """What a tool said."""

    id: str
    parts: "list[Part]"
    name: str = ""
    """Filled in from the call of the same id where the client's dialect has no name here."""
    error: bool = False
    cache: Cache | None = None


class Refusing(msgspec.Struct):
    """Words with which a model declines."""

    text: str = ""


class Native(msgspec.Struct):
    """Something only one dialect knows, as it stands there: a provider's own search, code run, encrypted item, …"""

    dialect: str
    name: str
    """What to call it in an error: `web_search_tool_result`, say."""
    value: Any


Part: TypeAlias = Text | Media | Thinking | ToolUse | ToolResult | Refusing | Native
