"""TLS to a provider: who is believed, and what an end without a farewell means."""

import asyncio
import ssl
import time

import httpx2
import pytest
import trustme
import uvloop

from gateway.upstream.http1 import Limits
from gateway.upstream.tls import trust
from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

HELLO = OK + b"content-length: 5\r\n\r\nhello"


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request):
    return uvloop.run if request.param == "uvloop" else asyncio.run


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def serving(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_an_authority_of_the_file_is_believed(run, authority, ca_file):
    async def main():
        chosen = []

        async def script(peer: Peer):
            chosen.append(peer.writer.get_extra_info("ssl_object").selected_alpn_protocol())
            await answering(HELLO)(peer)

        async with hostile(script, serving(authority, "127.0.0.1")) as server, transport(tls=trust(ca_file)) as client:
            for _ in range(3):
                assert await fetch(client, server.url, "POST", b"x") == (200, b"hello")
            assert chosen == ["http/1.1"]
            assert client.idle_connections == 1

    run(main())


def test_an_unknown_authority_is_refused(run, authority):
    async def main():
        async with (
            hostile(answering(HELLO), serving(authority, "127.0.0.1")) as server,
            transport(tls=trust()) as client,
        ):
            with pytest.raises(httpx2.ConnectError, match="certificate is not trusted"):
                await fetch(client, server.url)
            assert client.open_connections == 0

    run(main())


def test_the_system_s_authorities_are_asked_where_no_context_is_given(run, authority):
    async def main():
        async with hostile(answering(HELLO), serving(authority, "127.0.0.1")) as server, transport() as client:
            with pytest.raises(httpx2.ConnectError, match="certificate is not trusted"):
                await fetch(client, server.url)

    run(main())


def test_a_certificate_for_another_host_is_refused(run, authority, ca_file):
    async def main():
        async with (
            hostile(answering(HELLO), serving(authority, "other.example")) as server,
            transport(tls=trust(ca_file)) as client,
        ):
            with pytest.raises(httpx2.ConnectError, match="certificate is not trusted"):
                await fetch(client, server.url)

    run(main())


def test_the_host_of_the_url_is_named_in_the_handshake(run, authority, ca_file):
    async def main():
        named = []
        context = serving(authority, "localhost")
        context.sni_callback = lambda _, name, __: named.append(name)
        async with hostile(answering(HELLO), context) as server, transport(tls=trust(ca_file)) as client:
            assert await fetch(client, f"https://localhost:{server.port}/") == (200, b"hello")
            assert named == ["localhost"]

    run(main())


def test_a_server_that_speaks_plain_http_is_a_connect_error(run, ca_file):
    async def main():
        async def script(peer: Peer):
            await peer.reader.read(1)
            await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async with hostile(script) as server, transport(tls=trust(ca_file)) as client:
            with pytest.raises(httpx2.ConnectError):
                await fetch(client, f"https://127.0.0.1:{server.port}/")
            assert client.open_connections == 0

    run(main())


@pytest.mark.parametrize("how", ["timeout", "cancel"])
def test_a_handshake_that_hangs_is_given_up_and_its_socket_closed(run, ca_file, how):
    async def main():
        async def script(peer: Peer):
            await peer.gone()

        async with hostile(script) as server, transport(tls=trust(ca_file)) as client:
            url = f"https://127.0.0.1:{server.port}/"
            began = time.perf_counter()
            if how == "timeout":
                with pytest.raises(httpx2.ConnectTimeout):
                    await fetch(client, url, timeout={"connect": 0.1})
            else:
                task = asyncio.ensure_future(fetch(client, url))
                while not server.accepted:
                    await asyncio.sleep(0.005)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert client.open_connections == 0
            await server.all_gone(0.5)
            assert time.perf_counter() - began < 0.7

    run(main())


def test_large_bodies_pass_both_ways(run, authority, ca_file):
    async def main():
        async def script(peer: Peer):
            _, body = await peer.request()
            await peer.say(OK + b"content-length: %d\r\n\r\n" % len(body) + body)
            await peer.gone()

        async with hostile(script, serving(authority, "127.0.0.1")) as server, transport(tls=trust(ca_file)) as client:
            body = b"0123456789abcdef" * 300_000
            assert await fetch(client, server.url, "POST", body) == (200, body)
            assert client.idle_connections == 1

    run(main())


def test_a_body_without_length_must_end_with_a_farewell(run, authority, ca_file):
    """An attacker on the way can cut a connection, but cannot say close_notify."""

    async def main():
        async def says_goodbye(peer: Peer):
            await peer.request()
            await peer.say(OK + b"\r\nhello")

        async def is_cut(peer: Peer):
            await says_goodbye(peer)
            await asyncio.sleep(0.02)
            peer.writer.transport.abort()

        context = serving(authority, "127.0.0.1")
        async with transport(tls=trust(ca_file)) as client, hostile(says_goodbye, context) as server:
            assert await fetch(client, server.url) == (200, b"hello")
            async with hostile(is_cut, context) as server:
                with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
                    await fetch(client, server.url)

    run(main())


@pytest.mark.parametrize("end", ["close", "abort"])
def test_a_connection_that_ends_at_rest_is_passed_by(run, authority, ca_file, end):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(HELLO)
            if end == "abort":
                await asyncio.sleep(0.01)
                peer.writer.transport.abort()

        async with hostile(script, serving(authority, "127.0.0.1")) as server, transport(tls=trust(ca_file)) as client:
            for _ in range(3):
                assert await fetch(client, server.url, "POST", b"x") == (200, b"hello")
                await asyncio.sleep(0.03)
            assert server.accepted == 3
            assert client.open_connections == 0

    run(main())


def test_closing_a_stream_closes_its_socket_at_once(run, authority, ca_file):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(OK + b"transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n")
            await peer.gone()

        async with (
            hostile(script, serving(authority, "127.0.0.1")) as server,
            transport(Limits(), trust(ca_file)) as client,
        ):
            response = await client.handle_async_request(request(server.url))
            assert await anext(response.stream) == b"hi"
            await response.stream.aclose()
            await server.all_gone(0.3)
            assert await whole(response) == b""

    run(main())


def test_a_file_that_is_missing_or_no_certificate_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        trust(str(tmp_path / "none.pem"))
    (tmp_path / "bad.pem").write_text("not a certificate")
    with pytest.raises(ssl.SSLError):
        trust(str(tmp_path / "bad.pem"))


def test_old_versions_of_tls_are_not_spoken():
    assert trust().minimum_version == ssl.TLSVersion.TLSv1_2
    assert trust().verify_mode == ssl.CERT_REQUIRED
    assert trust().check_hostname
