"""Which headers travel on, which end here, and which are addressed to the gateway."""

from typing import Final

from gateway.call import Headers

HOP_BY_HOP: Final = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    )
)
"""RFC 9110 section 7.6.1, with the two that old proxies still send."""

OF_THIS_HOP: Final = HOP_BY_HOP | {b"host", b"content-length", b"expect"}

# What proxies in front of us say about the caller and about our network is nobody's business upstream.
OF_OUR_NETWORK: Final = frozenset(
    (
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-forwarded-server",
        b"x-forwarded-prefix",
        b"x-real-ip",
        b"via",
        b"cf-access-jwt-assertion",
    )
)

OURS: Final = b"cf-aig-"

# Trace context is ours to read, and goes out again only to providers that allow it; baggage never (otel.md 5.2).
TRACE: Final = frozenset(
    (
        b"traceparent",
        b"tracestate",
        b"baggage",
        b"b3",
        b"x-b3-traceid",
        b"x-b3-spanid",
        b"x-b3-parentspanid",
        b"x-b3-sampled",
        b"x-b3-flags",
        b"uber-trace-id",
    )
)
CONTROL: Final = TRACE | {b"x-fal-target-url", b"cf-cache-ttl", b"cf-skip-cache"}

# What `Connection` says nearly always; anything else may name headers.
USUAL: Final = frozenset((b"keep-alive", b"Keep-Alive", b"close"))

KEEP, DROP, READ, CONNECTION = range(4)
RULES: Final[dict[bytes, int]] = {
    **dict.fromkeys(OF_THIS_HOP | OF_OUR_NETWORK, DROP),
    **dict.fromkeys(CONTROL, READ),
    b"connection": CONNECTION,
}


def incoming(headers: Headers) -> tuple[Headers, dict[bytes, bytes]]:
    """A request's headers (names in lower case) parted into those that travel on and those addressed to us.

    Of a repeated header of ours the first counts. What `Connection` names ends here too (RFC 9110 section 7.6.1).
    """
    passing: Headers = []
    control: dict[bytes, bytes] = {}
    nominated: list[bytes] | None = None
    rule_of = RULES.get
    for pair in headers:
        name = pair[0]
        rule = rule_of(name)
        if rule is None:
            if name[:7] == OURS:
                control.setdefault(name, pair[1])
            else:
                passing.append(pair)
        elif rule == READ:
            control.setdefault(name, pair[1])
        elif rule == CONNECTION and pair[1] not in USUAL:
            nominated = [*(nominated or ()), *pair[1].lower().replace(b" ", b"").replace(b"\t", b"").split(b",")]
    if nominated:
        named = frozenset(nominated)
        passing = [pair for pair in passing if pair[0] not in named]
    return passing, control


def outgoing(headers: Headers) -> Headers:
    """A provider's response headers without those of its own connection and without any that look like ours."""
    kept: Headers = []
    nominated: list[bytes] = []
    for pair in headers:
        name = pair[0]
        if name in HOP_BY_HOP:
            if name == b"connection" and pair[1] not in USUAL:
                nominated += pair[1].lower().replace(b" ", b"").replace(b"\t", b"").split(b",")
        elif name[:7] != OURS:
            kept.append(pair)
    if nominated:
        named = frozenset(nominated) - {b"content-length"}
        kept = [pair for pair in kept if pair[0] not in named]
    return kept
