"""The types of gateways.yaml: the JSON Schema, the reference in the docs and the settings come from here.

Every field says in a sentence what it does; that sentence is what an editor shows while completing the key.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from gateway.settings.block import (
    SHA256,
    BaseURL,
    Block,
    Day,
    HeaderName,
    Name,
    ProviderName,
    TracesURL,
    default,
)
from gateway.settings.breaker import CircuitBreaker
from gateway.settings.cache import CacheBlock
from gateway.settings.fallback import FallbackStep
from gateway.settings.rate_limit import RateLimit
from gateway.settings.retry import Retry
from gateway.settings.spend_limits import SpendLimit
from gateway.settings.units import Deadline, Drain, Duration, Keys, Money, Proxy, Secret, Size, State


class Server(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The process as a whole; command-line flags win."""

    state: Annotated[
        State,
        Meta(
            description="Where limits, budgets and the cache are kept: in this process, or in a Redis that all"
            " replicas share (redis://, rediss:// with TLS, redis+cluster://)."
        ),
    ] = default(State, "memory")
    memory: Annotated[Size, Meta(description="What kept answers may take of this process's memory, without Redis.")] = (
        default(Size, "256MiB")
    )
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
    cache: Annotated[CacheBlock | None, Meta(description="Answers given again; only by header where absent.")] = None
    rate_limit: Annotated[
        RateLimit | list[RateLimit] | None,
        Meta(description="How many calls or tokens per time, how many calls at once."),
    ] = None
    spend_limits: Annotated[list[SpendLimit], Meta(description="US dollars per time.")] = []
    retry: Annotated[Retry | None, Meta(description="Asking again after a failure; only by header where absent.")] = (
        None
    )
    circuit_breaker: Annotated[
        CircuitBreaker | None, Meta(description="Leaving a provider out that keeps failing; never where absent.")
    ] = None
    fallback: Annotated[list[FallbackStep], Meta(description="Who is asked instead of a provider that fails.")] = []
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
