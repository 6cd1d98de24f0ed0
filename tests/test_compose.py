import asyncio
from decimal import Decimal

import pytest

from gateway.call import Usage
from gateway.cli.known import providers
from gateway.compose import Composer, added, edits, holders, price, reachable, secured, slugs
from gateway.policies.access import digest
from gateway.providers.provider import compiled
from gateway.settings.blocks import GatewayBlock, PriceBlock
from gateway.settings.load import load
from gateway.settings.units import Money
from gateway.telemetry import Telemetry

YAML = """
server: {max_request_bytes: 5KiB, body_timeout: 7s, trust_trace_context: sample}
providers:
  vllm: {base_url: "http://127.0.0.1:9/v1", headers: {X-Added: "1"}}
  google: {proxy: "http://127.0.0.1:9"}
prices: {custom-vllm/*: {input: 1, output: 2}}
accounts:
  acme:
    gateways:
      main: {keys: {openai: {default: [sk-1, sk-2], batch: sk-3}}, client_keys: ignore, timeout: {connect: 3s}}
      few: {providers: [openai, custom-vllm]}
      closed: {authentication: {tokens: [{name: web, token: gw-token-0123456789, metadata: {a: 1}}]}}
      none: {authentication: none}
  other: {gateways: {main: {}}}
"""


@pytest.fixture
def loaded(tmp_path):
    (tmp_path / "gateways.yaml").write_text(YAML)
    return load(tmp_path / "gateways.yaml", {}, providers())


@pytest.fixture
def composer():
    one = Composer(Telemetry({}, {}, "0"), {})
    yield one
    asyncio.run(one.transports.aclose())


def test_every_gateway_is_reached_by_its_account_and_name(loaded, composer):
    site = composer.site(loaded)
    assert set(site.gateways) == {
        (b"acme", b"main"), (b"acme", b"few"), (b"acme", b"closed"), (b"acme", b"none"), (b"other", b"main"),
    }  # fmt: skip
    assert (site.max_request_bytes, site.body_timeout, site.trust) == (5120, 7.0, "sample")
    assert site.version == loaded.version


def test_a_gateway_reaches_the_providers_it_names_or_all(loaded, composer):
    gateways = composer.site(loaded).gateways
    assert set(gateways[b"acme", b"few"].providers) == {b"openai", b"custom-vllm", b"compat", b""}
    assert len(gateways[b"acme", b"main"].providers) > 20
    assert b"demo" in gateways[b"acme", b"main"].providers


def test_stored_keys_deadlines_and_headers_are_on_the_lane(loaded, composer):
    lanes = composer.site(loaded).gateways[b"acme", b"main"].layers[-1].lanes
    one = lanes["openai"]
    assert {alias: len(ring.keys) for alias, ring in one.rings.items()} == {"default": 2, "batch": 1}
    assert (one.client_keys, one.timeout["connect"], one.timeout["pool"]) == ("ignore", 3.0, 3.0)
    assert lanes["custom-vllm"].headers == [(b"x-added", b"1")]
    assert lanes["custom-vllm"].rings == {}


def test_a_reload_keeps_connections_and_makes_the_rest_anew(loaded, composer):
    first, second = composer.site(loaded), composer.site(loaded)
    key = (b"acme", b"main")
    assert (
        first.gateways[key].layers[-1].lanes["openai"].transport
        is second.gateways[key].layers[-1].lanes["openai"].transport
    )
    assert first.gateways[key] is not second.gateways[key]
    assert len(composer.transports.made) == 2, "straight, and through the proxy"


def test_edits_are_found_under_a_providers_name_or_alias(loaded):
    document = loaded.document
    assert edits(document, "custom-vllm") is document.providers["vllm"]
    assert edits(document, "openai") is None
    assert added(None) == []


def test_tokens_are_kept_as_digests(loaded):
    block = loaded.document.accounts["acme"].gateways["closed"]
    (pair,) = holders(block).items()
    assert pair[0] == digest(b"gw-token-0123456789")
    assert (pair[1].name, pair[1].metadata) == ("web", {"a": 1})
    assert "gw-token" not in repr(pair)


def test_a_gateway_is_secured_where_it_says_so(loaded):
    gateways = loaded.document.accounts["acme"].gateways
    assert [secured(gateways[name]) for name in ("main", "none", "closed")] == [False, False, True]


def test_slugs_are_names_and_aliases():
    reach = reachable(GatewayBlock(providers=["openai"]), compiled({}))
    assert list(reach) == ["openai"]
    assert b"google-ai-studio" not in slugs(reach)


def test_a_price_per_million_is_one_per_token():
    made = price(PriceBlock(input=Money.read(1), output=Money.read(2)))
    assert made.cost(Usage(1_000_000, 500_000)) == Decimal(2)


def test_a_configuration_that_could_not_be_put_in_force_costs_no_counts(loaded, composer, tmp_path):
    (tmp_path / "other.yaml").write_text(YAML.replace("server: {", "server: {memory: 10MiB, "))
    other = load(tmp_path / "other.yaml", {}, providers())

    async def story():
        composer.site(loaded)
        store = composer.before.store
        assert composer.means(other.document).store is not store
        # It is composed in a thread, where anything may go wrong; then the one before serves on.
        composer.site(loaded)
        return store, composer.before.store, composer.retired.waiting

    store, after, retired = asyncio.run(story())
    assert store is after
    assert retired == {}
