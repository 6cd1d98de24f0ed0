"""Ways to a provider that are not a plain connection: a proxy, TLS of one's own authority, HTTP/2."""

import base64
import http.server
import select
import socket
import ssl
import threading
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import pytest
import trustme

from tests import world
from tests.e2e.acts import ASK, CHAT, STREAM, STREAM_ASK, WHOLE, says

REST = "chat/completions"


class Proxy(http.server.BaseHTTPRequestHandler):
    """A proxy for both kinds of scheme; it writes down what it was asked for, its name resolution included."""

    protocol_version = "HTTP/1.1"
    asked: list

    def seen(self):
        self.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
        wanted = "Basic " + base64.b64encode(b"user:pass word").decode()
        if self.headers.get("proxy-authorization") == wanted:
            return True
        self.send_response(407)
        self.send_header("content-length", "0")
        self.end_headers()
        return False

    def do_CONNECT(self):
        if not self.seen():
            return
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as far:
            self.send_response(200)
            self.end_headers()
            pump(self.connection, far)
        self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not self.seen():
            return
        url = urlsplit(self.path)
        with socket.create_connection((url.hostname, url.port)) as far:
            lines = [f"{k}: {v}" for k, v in self.headers.items() if not k.lower().startswith("proxy-")]
            head = "\r\n".join([f"POST {url.path}?{url.query} HTTP/1.1", *lines, "", ""])
            far.sendall(head.encode() + body)
            # The provider closes at the end.
            while chunk := far.recv(65536):
                self.wfile.write(chunk)
        self.close_connection = True

    def log_message(self, *_):
        pass


def pump(near, far):
    while True:
        ready, _, _ = select.select([near, far], [], [], 10)
        for one in ready:
            chunk = one.recv(65536)
            if not chunk:
                return
            (far if one is near else near).sendall(chunk)
        if not ready:
            return


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


class Secure:
    """A provider behind TLS: HTTP/2 where `h2` is offered and chosen, HTTP/1.1 otherwise; a thread per connection."""

    def __init__(self, authority, protocols):
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.set_alpn_protocols(protocols)
        authority.issue_cert("127.0.0.1").configure_cert(self.tls)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.protocols, self.asked = [], []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connected, args=(plain,), daemon=True).start()

    def connected(self, plain):
        try:
            with self.tls.wrap_socket(plain, server_side=True) as sock:
                self.protocols.append(sock.selected_alpn_protocol())
                (self.second if self.protocols[-1] == "h2" else self.first)(sock)
        except OSError:
            pass

    def first(self, sock):
        """HTTP/1.1, one call after the other."""
        seen = b""
        while True:
            while b"\r\n\r\n" not in seen:
                more = sock.recv(65536)
                if not more:
                    return
                seen += more
            head, _, rest = seen.partition(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while len(rest) < length:
                rest += sock.recv(65536)
            seen = rest[length:]
            self.asked.append(head)
            body = b"".join(WHOLE.chunks)
            sock.sendall(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    def second(self, sock):
        """HTTP/2: a stream where the body asks for one."""
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        state.initiate_connection()
        sock.sendall(state.data_to_send())
        bodies, heads = {}, {}
        while data := sock.recv(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    heads[event.stream_id], bodies[event.stream_id] = dict(event.headers), b""
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] += event.data
                    state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    self.asked.append(heads[event.stream_id])
                    self.reply(state, event.stream_id, b'"stream": true' in bodies[event.stream_id])
            sock.sendall(state.data_to_send())

    @staticmethod
    def reply(state, stream, streamed):
        kind = "text/event-stream" if streamed else "application/json"
        state.send_headers(stream, [(":status", "200"), ("content-type", kind), ("connection-note", "x")])
        for chunk in STREAM if streamed else WHOLE.chunks:
            state.send_data(stream, chunk)
        state.end_stream(stream)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(2)


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
