"""Ways to a provider that are not a plain connection: a proxy, TLS of one's own authority, HTTP/2."""

import http.server
import threading

import pytest
import trustme

from tests import world
from tests.e2e.acts import ASK, CHAT, STREAM, STREAM_ASK, says
from tests.e2e.peers import Proxy, Secure

REST = "chat/completions"


@pytest.fixture(scope="module")
def proxy():
    handler = type("One", (Proxy,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.asked = handler.asked
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def provider():
    def closing(asked):
        said = says(asked)
        return world.Says(said.status, said.headers | {"connection": "close"}, said.chunks, "close", pause=said.pause)

    with world.provider(closing) as one:
        yield one


@pytest.fixture(scope="module")
def tls(authority):
    one = Secure(authority, ["http/1.1"])
    yield one
    one.stop()


@pytest.fixture(scope="module")
def two(authority):
    one = Secure(authority, ["h2", "http/1.1"])
    yield one
    one.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider, proxy, tls, two, authority):
    folder = tmp_path_factory.mktemp("proxies")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    through = f"http://user:pass%20word@127.0.0.1:{proxy.server_port}"
    yaml = f"""
    server: {{ca_file: {folder}/ca.pem}}
    providers:
      plain: {{base_url: {provider.url}/v1, proxy: "{through}"}}
      tunnelled: {{base_url: "https://127.0.0.1:{tls.port}/v1", proxy: "{through}"}}
      tunnelled-two: {{base_url: "https://127.0.0.1:{two.port}/v1", proxy: "{through}", http2: true}}
      unknown: {{base_url: {provider.url}/v1, proxy: "http://user:wrong@127.0.0.1:{proxy.server_port}"}}
      nowhere: {{base_url: {provider.url}/v1, proxy: "http://127.0.0.1:9"}}
      secure: {{base_url: "https://127.0.0.1:{tls.port}/v1"}}
      two: {{base_url: "https://127.0.0.1:{two.port}/v1", http2: true}}
      two-or-one: {{base_url: "https://127.0.0.1:{tls.port}/v1", http2: true}}
    accounts: {{acme: {{gateways: {{main: {{http_spans: true}}}}}}}}
    """
    with world.gateway(folder, yaml) as one:
        yield one


def path(slug, rest=REST):
    return f"/v1/acme/main/custom-{slug}/{rest}"


def test_a_plain_call_goes_through_the_proxy_in_absolute_form(gateway, proxy, provider):
    answer = gateway.call(path("plain", "files/a%20b?x=%41"), ASK)
    assert (answer.status, answer.json) == (200, CHAT)
    command, target, headers = proxy.asked[-1]
    assert (command, target) == ("POST", f"{provider.url}/v1/files/a%20b?x=%41")
    assert headers["host"] == f"127.0.0.1:{provider.port}"
    assert provider.asked[-1].header("proxy-authorization") is None
    assert provider.asked[-1].body == ASK


def test_a_stream_through_a_proxy_is_metered(gateway):
    answer = gateway.call(path("plain"), STREAM_ASK, x_do="slow-stream")
    assert answer.body == b"".join(STREAM)
    line = gateway.line(answer.log_id)
    assert (line["tokens_in"], line["outcome"]) == (7, "served")


def test_tls_goes_through_a_tunnel(gateway, proxy, tls):
    answer = gateway.call(path("tunnelled"), ASK)
    assert (answer.status, answer.json) == (200, CHAT)
    command, target, headers = proxy.asked[-1]
    assert (command, target) == ("CONNECT", f"127.0.0.1:{tls.port}")
    assert "authorization" not in headers
    assert tls.asked[-1].startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")


def test_http_2_goes_through_a_tunnel(gateway, proxy, two):
    answer = gateway.call(path("tunnelled-two"), ASK)
    assert (answer.status, answer.json) == (200, CHAT)
    assert proxy.asked[-1][:2] == ("CONNECT", f"127.0.0.1:{two.port}")
    assert two.asked[-1][":path"] == "/v1/chat/completions"


@pytest.mark.parametrize("slug", ["unknown", "nowhere"])
def test_a_proxy_that_is_not_there_or_says_no_is_a_502(gateway, slug):
    answer = gateway.call(path(slug), ASK)
    if slug == "unknown":
        # For a plain call the proxy's answer is indistinguishable from the provider's.
        assert answer.status == 407
    else:
        assert (answer.status, answer.json["error"]["code"]) == (502, "provider_unreachable")
        assert gateway.line(answer.log_id)["attempts"][0]["error"] == "unreachable"


def test_a_providers_own_authority_is_believed_where_configured(gateway, tls):
    answer = gateway.call(path("secure"), ASK)
    assert (answer.status, answer.json) == (200, CHAT)
    assert set(tls.protocols) == {"http/1.1"}


def test_an_unknown_authority_is_a_502_that_says_so(tmp_path, tls, two, proxy):
    through = f"http://user:pass%20word@127.0.0.1:{proxy.server_port}"
    yaml = f"""
    providers:
      secure: {{base_url: "https://127.0.0.1:{tls.port}/v1"}}
      tunnelled: {{base_url: "https://127.0.0.1:{tls.port}/v1", proxy: "{through}"}}
      two: {{base_url: "https://127.0.0.1:{two.port}/v1", http2: true}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    asked = len(tls.asked), len(two.asked)
    with world.gateway(tmp_path, yaml) as one:
        for slug in ("secure", "tunnelled", "two"):
            answer = one.call(path(slug), ASK)
            assert (answer.status, answer.json["error"]["code"]) == (502, "provider_unreachable"), slug
    assert (len(tls.asked), len(two.asked)) == asked


def test_http_2_is_spoken_where_the_provider_can(gateway, two):
    whole, stream = gateway.call(path("two"), ASK), gateway.call(path("two"), STREAM_ASK, connection="close", te="x")
    assert (whole.status, whole.json, stream.body) == (200, CHAT, b"".join(STREAM))
    assert "transfer-encoding" not in stream.headers or stream.headers["transfer-encoding"] == "chunked"
    assert set(two.protocols) == {"h2"}
    assert two.asked[-1][":authority"] == f"127.0.0.1:{two.port}"
    assert not {"host", "connection", "te"} & two.asked[-1].keys()
    line = gateway.line(stream.log_id)
    assert (line["tokens_in"], line["tokens_out"]) == (7, 2)


def test_http_1_is_spoken_where_the_provider_cannot_do_2(gateway):
    answer = gateway.call(path("two-or-one"), ASK)
    assert (answer.status, answer.json) == (200, CHAT)
