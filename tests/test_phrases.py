"""What `gateway explain` says, in words."""

from decimal import Decimal

import pytest

from gateway import phrases
from gateway.call import Record
from gateway.prices import Price
from gateway.providers.outbound import Target
from gateway.providers.provider import compiled
from gateway.settings.blocks import Authentication, GatewayBlock, Token
from gateway.settings.breaker import CircuitBreaker
from gateway.settings.cache import CacheBlock
from gateway.settings.fallback import FallbackStep
from gateway.settings.limits import Dimensions
from gateway.settings.rate_limit import RateLimit
from gateway.settings.retry import Retry
from gateway.settings.spend_limits import SpendLimit
from gateway.settings.units import Deadline, Duration, Money

GOOGLE = compiled({})["google-ai-studio"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3600, "1h"), (5400, "90m"), (90, "90s"), (120, "2m"), (1.5, "1.5s"), (0.25, "250ms"), (0, "0ms"), (1, "1s")],
)
def test_a_time_is_said_as_the_file_has_it(seconds, said):
    assert phrases.span(float(seconds)) == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (b"/v1/x", b"/v1/x"),
        (b"/v1/x?alt=sse", b"/v1/x?alt=sse"),
        (b"/v1/x?key=secret&alt=sse", b"/v1/x?key=***&alt=sse"),
        (b"/x?X-Token=s&my_api_key=s&passWord=s", b"/x?X-Token=***&my_api_key=***&passWord=***"),
        (b"/x?token", b"/x?token"),
    ],
)  # fmt: skip
def test_a_query_is_said_without_secrets(path, said):
    assert phrases.discreet(path, GOOGLE) == said


def test_bytes_from_outside_cannot_write_to_a_terminal():
    assert phrases.shown(b"a\x1b[31m\r\nb\xe9") == "a?[31m??b\xe9"


def test_a_place_has_its_port_where_it_is_not_the_usual_one():
    assert phrases.place(Target("https", "a.example", 443, b"/x")) == "https://a.example"
    assert phrases.place(Target("http", "::1", 8080, b"/x")) == "http://[::1]:8080"


def test_rates_are_per_million_and_say_what_there_is():
    assert phrases.rates(Price.of_million(Decimal("0.25"), Decimal("1.5"))) == (
        "US dollars per million tokens: input 0.25, output 1.5"
    )
    more = Price.of_million(Decimal(1), Decimal(2), cache_read=Decimal("0.10"), request=Decimal("0.002"))
    assert phrases.rates(more) == ("US dollars per million tokens: input 1, output 2, cache read 0.1; 0.002 per call")


def test_policies_stand_in_the_order_in_which_a_call_meets_them():
    one = Token(name="a", sha256="0" * 64)
    block = GatewayBlock(authentication=Authentication(tokens=[one]), providers=["openai"])
    assert phrases.policies(block)[:2] == ["authentication (1 token)", "providers (openai)"]
    assert phrases.policies(GatewayBlock())[-1] == "timeout"


def test_each_policy_is_told_in_a_line_of_its_own():
    block = GatewayBlock(
        rate_limit=[
            RateLimit(requests=5, per=Deadline(60)),
            RateLimit(name="few", concurrent=3, by=Dimensions.read("token")),
        ],
        spend_limits=[SpendLimit(name="day", limit=Money("1.50"), calendar="day")],
        cache=CacheBlock(ttl=Duration(3600)),
        fallback=[FallbackStep(to="anthropic/claude-x", first_byte=Deadline(10), only_for="openai/*")],
        retry=Retry(),
        circuit_breaker=CircuitBreaker(),
    )
    assert phrases.policies(block) == [
        "rate_limit (rate-1: 5 requests per 60s, fixed; without the store allow)",
        "rate_limit (few: 3 at one time, by token; without the store allow)",
        "spend_limits (day: 1.5 US dollars per day, calendar; unpriced deny, without the store deny)",
        "cache (for 1h, shared by one token)",
        "fallback (to anthropic/claude-x after error, timeout, 429, or no byte in 10s; for openai/*)",
        "retry (3 attempts, exponential from 500ms to 1m; after connect, timeout, 408, 409, 429, 5xx)",
        "circuit_breaker (5 failures in 30s, 50% or more: out for 30s; after error, timeout)",
        "timeout",
    ]
    assert phrases.policies(GatewayBlock(cache=CacheBlock(scope="gateway")))[0] == (
        "cache (where a call brings a key, shared by one gateway)"
    )


def test_a_log_is_told_with_what_it_holds():
    record = Record("1", 0, 0.0)
    assert phrases.log(record) == "a line without bodies"
    record.collect_payload = True
    assert phrases.log(record) == "a line with both bodies"
    record.collect_log = False
    assert phrases.log(record) == "no line"


def test_spans_go_where_the_environment_and_the_file_say():
    block = GatewayBlock()
    assert phrases.spans(block, {"OTEL_SDK_DISABLED": "true"}).startswith("none: OTEL_SDK_DISABLED")
    assert phrases.spans(block, {}).startswith("none: no OTEL_EXPORTER_OTLP_ENDPOINT")
    told = phrases.spans(
        block, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "console,otlp"}
    )
    assert told == "to the console, http://c:4318"
