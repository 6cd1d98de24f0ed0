import asyncio
import time

import httpx2
import pytest

from gateway.providers.provider import compiled
from gateway.settings.blocks import ProviderBlock, Server
from gateway.settings.units import Proxy
from gateway.upstream.demo import DemoTransport
from gateway.upstream.http1 import Transport
from gateway.upstream.transports import Patient, Transports
from tests.upstream.calls import provider
from tests.upstream.hostile import OK, hostile, request

OPENAI = provider("http://127.0.0.1:9/v1")


def test_providers_share_a_transport_as_long_as_their_settings_are_the_same():
    made = Transports()
    plain = made.to(OPENAI, None, Server())
    assert isinstance(plain, Transport)
    assert made.to(OPENAI, ProviderBlock(base_url="http://127.0.0.1:8"), Server()) is plain
    assert made.to(OPENAI, None, Server(max_connections=5)) is not plain
    proxied = made.to(OPENAI, ProviderBlock(proxy=Proxy("http://127.0.0.1:9")), Server())
    assert isinstance(proxied, Patient)
    assert made.to(OPENAI, None, Server(proxy=Proxy("http://127.0.0.1:9"))) is proxied
    assert isinstance(made.to(OPENAI, ProviderBlock(http2=True), Server()), Patient)
    asyncio.run(made.aclose())


def test_a_transport_that_no_reload_asks_for_any_more_is_forgotten():
    made = Transports()
    kept, dropped = made.to(OPENAI, None, Server()), made.to(OPENAI, None, Server(max_connections=5))
    made.retain()
    assert made.to(OPENAI, None, Server()) is kept
    made.retain()
    assert made.to(OPENAI, None, Server()) is kept
    assert made.to(OPENAI, None, Server(max_connections=5)) is not dropped
    asyncio.run(made.aclose())


def test_the_demo_never_leaves_the_process():
    assert isinstance(Transports().to(compiled({})["demo"], None, Server(proxy=Proxy("http://x:1"))), DemoTransport)


def patient(script, timeout):
    """What a call over httpx2's own transport, which is the one for proxies, ends in, and how long it took."""

    async def main():
        async with hostile(script) as server:
            inner = Patient(httpx2.AsyncHTTPTransport(trust_env=False))
            began = time.monotonic()
            one = request(server.url, "POST", headers=[(b"host", b"x"), (b"content-length", b"0")])
            one.extensions["timeout"] = {"connect": 1.0, "first_byte": 1.0, "idle": 1.0, "total": 5.0} | timeout
            try:
                response = await inner.handle_async_request(one)
                try:
                    return response, [chunk async for chunk in response.stream], time.monotonic() - began
                finally:
                    await response.stream.aclose()
            except httpx2.TransportError as fault:
                return None, fault, time.monotonic() - began
            finally:
                await inner.aclose()

    return asyncio.run(main())


async def silent(peer):
    await peer.request()
    await peer.gone()


def test_an_answer_comes_with_names_in_lower_case():
    async def script(peer):
        await peer.request()
        await peer.say(OK + b"X-Mine: A\r\ncontent-length: 2\r\n\r\nok")

    response, chunks, _ = patient(script, {})
    assert (b"x-mine", b"A") in response.headers.raw
    assert b"".join(chunks) == b"ok"


@pytest.mark.parametrize("timeout", [{"first_byte": 0.1, "connect": 0.1}, {"total": 0.2}])
def test_a_first_byte_that_does_not_come_is_a_timeout(timeout):
    _, fault, took = patient(silent, timeout)
    assert isinstance(fault, httpx2.TimeoutException)
    assert 0.1 < took < 0.6


@pytest.mark.parametrize("timeout", [{"idle": 0.15}, {"total": 0.2}])
def test_a_body_that_falls_silent_is_a_timeout(timeout):
    async def script(peer):
        await peer.request()
        await peer.say(OK + b"content-length: 9\r\n\r\nok")
        await peer.gone()

    _, fault, took = patient(script, timeout)
    assert isinstance(fault, httpx2.TimeoutException)
    assert took < 0.6


def test_a_body_that_drips_for_ever_ends_with_the_total():
    async def script(peer):
        await peer.request()
        await peer.say(OK + b"transfer-encoding: chunked\r\n\r\n")
        while True:
            await peer.say(b"1\r\nx\r\n")
            await asyncio.sleep(0.02)

    _, fault, took = patient(script, {"total": 0.3})
    assert isinstance(fault, httpx2.TimeoutException)
    assert took < 0.8
