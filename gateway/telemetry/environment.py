"""OpenTelemetry's standard environment variables, read once: empty ones count as absent, wrong ones are ignored, aloud.

See "OpenTelemetry Environment Variable Specification", "OTLP Exporter Configuration" and the batch processor's section.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

from gateway.telemetry.sampler import Sampler, sampler

ContentType: TypeAlias = Literal["protobuf", "json"]
Capture: TypeAlias = Literal["none", "span"]

LOCAL: Final = "http://localhost:4318"
"""Where an OTLP exporter sends to when nobody says."""

CAPTURES: Final = frozenset({"true", "span_only", "span_and_event"})
CONTENT_TYPES: Final[dict[str, ContentType]] = {"http/protobuf": "protobuf", "http/json": "json"}
EXPORTERS: Final = frozenset({"otlp", "console", "none"})
SHORTEST: Final = 100.0
"""Timeouts are milliseconds; below this they can only be meant as seconds, as the Python SDK reads them."""


class Endpoint(Struct, frozen=True):
    """Where and how to send OTLP over HTTP."""

    url: str
    headers: dict[str, str] = {}
    content_type: ContentType = "protobuf"
    compression: Literal["none", "gzip"] = "none"
    timeout: float = 10.0
    """Seconds for one request, connection included."""
    certificate: str = ""
    client_certificate: str = ""
    client_key: str = ""

    def __repr__(self) -> str:
        return f"Endpoint({self.place})"

    @property
    def place(self) -> str:
        """Scheme, host and port, all of a URL that may be shown: the rest can hold secrets."""
        try:
            parts = urlsplit(self.url)
            return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        except ValueError:
            return "an unusable URL"


class Batching(Struct, frozen=True):
    """How spans wait: OTEL_BSP_*, with a longer queue than the SDK's, which holds 5 s of 400 spans each second."""

    delay: float = 5.0
    queue: int = 8192
    batch: int = 512
    timeout: float = 30.0
    """Seconds of trying before a batch is dropped."""


class Environment(Struct, frozen=True):
    """What the variables ask for."""

    disabled: bool = False
    endpoint: Endpoint | None = None
    """The process-wide exporter of spans."""
    console: bool = False
    metrics: Endpoint | None = None
    metric_interval: float = 60.0
    sampler: Sampler = Sampler()
    batching: Batching = Batching()
    propagates: bool = True
    capture: Capture = "none"
    template: Endpoint = Endpoint("")
    """What exporters of single gateways take over: timeout, compression and certificates."""
    resource: dict[str, str] = {}
    complaints: list[str] = field(default_factory=list)


class Reader:
    """Looks variables up and gathers what is wrong with them; values, which may be secret, are never repeated."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.complaints: list[str] = []

    def text(self, *names: str) -> str:
        """The first of `names` that is set, or nothing."""
        return next((value for name in names if (value := self._environ.get(name, "").strip())), "")

    def number(self, name: str, default: float, least: float) -> float:
        """A number not below `least`."""
        written = self.text(name)
        try:
            value = float(written or default)
        except ValueError:
            value = -1.0
        if not least <= value < 1e12:
            self.complaints.append(f"{name} is not a usable number; using {default:g}.")
            return default
        return value

    def pairs(self, *names: str) -> dict[str, str]:
        """`key=value` pairs between commas, percent-encoded."""
        made: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in self.text(*names).split(","))):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not (key and equals):
                name = next(name for name in names if self.text(name))
                self.complaints.append(f"{name} holds something that is not key=value; it is ignored.")
                continue
            made[unquote(key)] = unquote(value)
        return made

    def exporters(self, name: str) -> frozenset[str]:
        """The exporters asked for by name."""
        asked = frozenset(part.strip().lower() for part in self.text(name).split(",") if part.strip())
        if unknown := asked - EXPORTERS:
            self.complaints.append(f"{name}: {', '.join(sorted(unknown))} is not supported; use otlp, console or none.")
        return asked & EXPORTERS

    def otlp(self, signal: str) -> Endpoint:
        """The OTLP settings of one signal; its own variables win over the general ones."""

        def named(end: str) -> tuple[str, str]:
            """The signal's own variable, then the general one."""
            return f"OTEL_EXPORTER_OTLP_{signal.upper()}_{end}", f"OTEL_EXPORTER_OTLP_{end}"

        own, general = (self.text(name) for name in named("ENDPOINT"))
        timeout_name = next((name for name in named("TIMEOUT") if self.text(name)), "OTEL_EXPORTER_OTLP_TIMEOUT")
        timeout = self.number(timeout_name, 10_000, 0.001)
        return Endpoint(
            url=own or f"{(general or LOCAL).rstrip('/')}/v1/{signal}",
            headers=self.pairs(*named("HEADERS")),
            content_type=self._content_type(self.text(*named("PROTOCOL"))),
            compression="gzip" if self.text(*named("COMPRESSION")) == "gzip" else "none",
            timeout=timeout / 1000 if timeout >= SHORTEST else timeout,
            certificate=self.text(*named("CERTIFICATE")),
            client_certificate=self.text(*named("CLIENT_CERTIFICATE")),
            client_key=self.text(*named("CLIENT_KEY")),
        )

    def _content_type(self, protocol: str) -> ContentType:
        """The encoding a protocol stands for; gRPC is none we speak."""
        if protocol and protocol not in CONTENT_TYPES:
            self.complaints.append(f"OTLP protocol {protocol[:32]} is not supported; using http/protobuf.")
        return CONTENT_TYPES.get(protocol, "protobuf")

    def has_endpoint(self, signal: str) -> bool:
        """Whether a variable names an endpoint for it."""
        return bool(self.text(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"))

    def sampler(self) -> Sampler:
        """OTEL_TRACES_SAMPLER and its argument."""
        name = self.text("OTEL_TRACES_SAMPLER").lower()
        made = sampler(name or "parentbased_always_on", self.text("OTEL_TRACES_SAMPLER_ARG"))
        if made is None:
            self.complaints.append(f"OTEL_TRACES_SAMPLER {name[:32]} is not known; using parentbased_always_on.")
        return made or Sampler()

    def batching(self) -> Batching:
        """OTEL_BSP_*: its times are milliseconds."""
        usual = Batching()
        queue = int(self.number("OTEL_BSP_MAX_QUEUE_SIZE", usual.queue, 1))
        return Batching(
            delay=self.number("OTEL_BSP_SCHEDULE_DELAY", usual.delay * 1000, 1) / 1000,
            queue=queue,
            batch=min(int(self.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", usual.batch, 1)), queue),
            timeout=self.number("OTEL_BSP_EXPORT_TIMEOUT", usual.timeout * 1000, 1) / 1000,
        )

    def propagates(self) -> bool:
        """Whether W3C trace context is read and sent: OTEL_PROPAGATORS names it, or nothing."""
        names = {part.strip().lower() for part in self.text("OTEL_PROPAGATORS").split(",") if part.strip()}
        return not names or "tracecontext" in names

    def resource(self) -> dict[str, str]:
        """OTEL_RESOURCE_ATTRIBUTES, and OTEL_SERVICE_NAME, which wins over its service.name."""
        made = {"service.name": "gateway", **self.pairs("OTEL_RESOURCE_ATTRIBUTES")}
        name = self.text("OTEL_SERVICE_NAME")
        return {**made, "service.name": name} if name else made


def read(environ: Mapping[str, str]) -> Environment:
    """Everything the variables say."""
    reader = Reader(environ)
    if reader.text("OTEL_SDK_DISABLED").lower() == "true":
        return Environment(disabled=True, propagates=reader.propagates())
    exporters = reader.exporters("OTEL_TRACES_EXPORTER")
    wanted = "otlp" in exporters if exporters else reader.has_endpoint("TRACES")
    meters = reader.exporters("OTEL_METRICS_EXPORTER")
    metered = "otlp" in meters if meters else reader.has_endpoint("METRICS")
    template = reader.otlp("traces")
    capture = reader.text("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT").lower() in CAPTURES
    return Environment(
        endpoint=template if wanted else None,
        console="console" in exporters,
        metrics=reader.otlp("metrics") if metered else None,
        metric_interval=reader.number("OTEL_METRIC_EXPORT_INTERVAL", 60_000, 100) / 1000,
        sampler=reader.sampler(),
        batching=reader.batching(),
        propagates=reader.propagates(),
        capture="span" if capture else "none",
        template=template,
        resource=reader.resource(),
        complaints=list(dict.fromkeys(reader.complaints)),
    )
