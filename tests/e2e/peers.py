"""Who stands between the gateway and a plain provider: a proxy, and a provider behind TLS that speaks HTTP/2."""

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

from tests.e2e.acts import STREAM, WHOLE


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
            head = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            sock.sendall(head % len(body) + body)

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
