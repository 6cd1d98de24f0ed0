"""The types of gateways.yaml: the JSON Schema, the reference in the docs and the settings come from here.

Every field says in a sentence what it does; that sentence is what an editor shows while completing the key.
"""

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, field

from gateway.settings.units import (
    END,
    Deadline,
    Drain,
    Duration,
    Keys,
    Money,
    Proxy,
    Readable,
    Secret,
    Size,
    Written,
)


def default(type: type[Readable], written: str | int) -> Any:  # noqa: ANN401 - a field's default has the field's type
    """A field's default, written as in the file: the schema shows it so."""
    return field(default_factory=Written(type, written))


Name: TypeAlias = Annotated[
    str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}" + END, title="name", examples=["production"])
]
ProviderName: TypeAlias = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}" + END, title="provider name", examples=["vllm"])
]
BaseURL: TypeAlias = Annotated[
    str, Meta(pattern=r"^https?://[^\s?#\x00-\x20\x7f]+" + END, title="URL", examples=["https://llm.example.com/v1"])
]
TracesURL: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^https?://[^\s#\x00-\x20\x7f]+" + END, title="URL", examples=["https://otel.example.com/v1/traces"]),
]
SHA256: TypeAlias = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{64}" + END,
        title="SHA-256 of 64 lower-case hex digits, as `gateway token` prints it,",
        examples=["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"],
    ),
]
Day: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z)?" + END,
        title="day",
        examples=["2027-01-01", "2027-01-01T08:00Z"],
    ),
]
HeaderName: TypeAlias = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]{1,128}" + END, title="header name", examples=["x-api-key"])
]


class Block(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping in gateways.yaml: unknown keys are errors, and nothing changes after loading."""


class Server(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The process as a whole; command-line flags win."""

    state: Annotated[Literal["memory"], Meta(description="Where shared state is kept.")] = "memory"
    logs: Annotated[Literal["none"], Meta(description="Where request logs are kept besides standard output.")] = "none"
    max_request_bytes: Annotated[
        Size, Meta(description="The largest request body accepted; a larger one is answered 413.")
    ] = default(Size, "25MiB")
    max_header_bytes: Annotated[
        Size,
        Meta(description="The largest request head accepted, request line included; a larger one is answered 431."),
    ] = default(Size, "64KiB")
    header_timeout: Annotated[Deadline, Meta(description="How long a client may take to send its request head.")] = (
        default(Deadline, "30s")
    )
    body_timeout: Annotated[
        Deadline,
        Meta(description="How long a client may pause while it sends its request body; then it is answered 408."),
    ] = default(Deadline, "30s")
    keep_alive: Annotated[Duration, Meta(description="How long an idle client connection is kept open.")] = default(
        Duration, "75s"
    )
    drain: Annotated[
        Drain, Meta(description="How long running streams may finish on shutdown, or delay and timeout apart.")
    ] = default(Drain, "30s")
    proxy: Annotated[
        Proxy | None, Meta(description="An HTTP or SOCKS proxy that every call to a provider goes through.")
    ] = None
    ca_file: Annotated[
        str | None, Meta(description="A PEM file of certificate authorities to trust besides the system's.")
    ] = None
    max_connections: Annotated[
        int, Meta(ge=1, description="The most connections at one time to one provider host.")
    ] = 1000
    idle_connections: Annotated[
        Duration, Meta(description="How long an idle connection to a provider is kept for the next call.")
    ] = default(Duration, "30s")
    trust_trace_context: Annotated[
        Literal["trust", "sample", "ignore"],
        Meta(
            description="What a caller's traceparent decides: `trust` its trace and its sampling, `sample` its trace"
            " but decide sampling here, `ignore` it and begin a new trace."
        ),
    ] = "trust"


class Header(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A header that carries the provider key, with an optional word before it."""

    header: Annotated[HeaderName, Meta(description="The header's name, such as x-api-key.")]
    prefix: Annotated[str, Meta(description="What stands before the key, such as `Token `, blank included.")] = ""


class ProviderBlock(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An upstream of your own, or changes to a built-in one."""

    base_url: Annotated[
        BaseURL | None,
        Meta(description="Scheme, host and fixed prefix that calls are sent to."),
    ] = None
    dialect: Annotated[
        Literal["openai", "anthropic", "gemini", "cohere", "bedrock"] | None,
        Meta(description="The wire format it speaks; openai where absent."),
    ] = None
    auth: Annotated[
        Literal["bearer", "none"] | Header | None,
        Meta(description="How the provider key is sent: bearer where absent."),
    ] = None
    propagate: Annotated[
        Literal["none", "traceparent", "traceparent+tracestate"] | None,
        Meta(description="The trace context sent along; none where absent."),
    ] = None
    proxy: Annotated[Proxy | None, Meta(description="An HTTP or SOCKS proxy for this provider alone.")] = None
    http2: Annotated[bool, Meta(description="Speak HTTP/2 with it where it can.")] = False
    headers: Annotated[dict[HeaderName, Secret], Meta(description="Headers added to every call to it.")] = {}
    pricing: Annotated[
        str | None,
        Meta(description="The built-in price table's name of this provider, where its models are another provider's."),
    ] = None


class PriceBlock(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Prices in US dollars per million tokens."""

    input: Annotated[Money, Meta(description="Per million input tokens that were not read from a cache.")]
    output: Annotated[Money, Meta(description="Per million output tokens.")] = default(Money, 0)
    cache_read: Annotated[
        Money | None, Meta(description="Per million input tokens read from a cache; `input` where absent.")
    ] = None
    cache_write: Annotated[
        Money | None, Meta(description="Per million input tokens written to a cache; `input` where absent.")
    ] = None
    reasoning: Annotated[Money | None, Meta(description="Per million reasoning tokens; `output` where absent.")] = None
    input_audio: Annotated[Money | None, Meta(description="Per million audio tokens in; `input` where absent.")] = None
    output_audio: Annotated[Money | None, Meta(description="Per million audio tokens out; `output` where absent.")] = (
        None
    )
    request: Annotated[Money, Meta(description="Per call, in US dollars.")] = default(Money, 0)


Metadata: TypeAlias = dict[str, str | int | float | bool]


class Token(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A gateway token: give `token` (from the environment or a file) or `sha256`."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="What logs and spans call it.")]
    token: Annotated[Secret | None, Meta(description="The token itself, as a reference such as ${WEB_TOKEN}.")] = None
    sha256: Annotated[
        SHA256 | None,
        Meta(description="The token's SHA-256 in hex, as `gateway token` prints it."),
    ] = None
    expires: Annotated[
        Day | None,
        Meta(
            description="The day (UTC) from which it no longer works.",
        ),
    ] = None
    metadata: Annotated[
        Metadata, Meta(description="Added to the metadata of every call made with it; it wins over the client's.")
    ] = {}


class Authentication(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may call."""

    tokens: Annotated[list[Token], Meta(min_length=1, description="The tokens that open this gateway.")]


class Timeout(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long each phase of a call to a provider may take."""

    connect: Annotated[Deadline, Meta(description="Name look-up, TCP and TLS together.")] = default(Deadline, "5s")
    first_byte: Annotated[Deadline, Meta(description="From the request sent to the answer's head.")] = default(
        Deadline, "5m"
    )
    idle: Annotated[Deadline, Meta(description="The longest silence within an answer.")] = default(Deadline, "5m")
    total: Annotated[Deadline, Meta(description="The whole call.")] = default(Deadline, "30m")


class Logs(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the request log holds."""

    collect: Annotated[bool, Meta(description="Write a line per call; cf-aig-collect-log overrides it.")] = True
    payload: Annotated[
        bool, Meta(description="With the bodies of request and answer; cf-aig-collect-log-payload overrides it.")
    ] = False
    max_payload_bytes: Annotated[Size, Meta(description="What is kept of a body; the rest is cut off.")] = default(
        Size, "64KiB"
    )


class Exporter(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An OTLP/HTTP endpoint that this gateway's spans are sent to, besides the process-wide one."""

    url: Annotated[TracesURL, Meta(description="The full URL, such as https://otel.example.com/v1/traces.")]
    headers: Annotated[dict[HeaderName, Secret], Meta(description="Headers sent with every batch.")] = {}
    content_type: Annotated[Literal["protobuf", "json"], Meta(description="The encoding.")] = "protobuf"


class GatewayBlock(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One gateway: who may call it, with which keys, under which rules."""

    authentication: Annotated[
        Authentication | Literal["none"] | None,
        Meta(description="Absent means open, and then only on loopback; `none` means open on purpose."),
    ] = None
    keys: Annotated[
        dict[str, Keys],
        Meta(description="Provider keys kept here: a key, a list to rotate through, or either by alias."),
    ] = {}
    client_keys: Annotated[
        Literal["prefer", "ignore", "forbid"],
        Meta(description="A provider key sent by the client when a stored one exists: used, replaced, or refused."),
    ] = "prefer"
    providers: Annotated[
        list[str] | None, Meta(description="The only providers this gateway reaches; all where absent.")
    ] = None
    timeout: Annotated[Timeout, Meta(description="Deadlines of a call to a provider.")] = field(default_factory=Timeout)
    logs: Annotated[Logs, Meta(description="The request log.")] = field(default_factory=Logs)
    traces: Annotated[list[Exporter], Meta(description="Where spans go besides the process-wide exporter.")] = []
    http_spans: Annotated[
        bool, Meta(description="Add the HTTP client span of opentelemetry-instrumentation-httpx below each attempt.")
    ] = False
    trace_content: Annotated[bool, Meta(description="Put prompts and answers on spans.")] = False


class Account(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tenant: the first segment after /v1/ in a URL."""

    gateways: Annotated[dict[Name, GatewayBlock], Meta(description="Its gateways by name.")]


class Document(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """gateways.yaml as a whole."""

    server: Annotated[Server, Meta(description="The process as a whole.")] = field(default_factory=Server)
    providers: Annotated[
        dict[ProviderName, ProviderBlock],
        Meta(description="Your own upstreams, reached as custom-NAME, and changes to built-in ones."),
    ] = {}
    prices: Annotated[
        dict[str, PriceBlock],
        Meta(description="Prices by provider/model, `*` as wildcard; they win over the built-in table."),
    ] = {}
    defaults: Annotated[GatewayBlock | None, Meta(description="A gateway block that every gateway starts from.")] = None
    accounts: Annotated[dict[Name, Account], Meta(min_length=1, description="Accounts by name.")]
