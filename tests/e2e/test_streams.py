"""nginx in front of the gateway, and nginx as the provider: what stands there in the field, with ideas of its own."""

import asyncio
import gzip
import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

from tests import world
from tests.e2e.acts import ASK, CHAT, PATH, STREAM, STREAM_ASK, request, says, until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

FRONT = """
    server {
        listen 127.0.0.1:%(port)d;
        client_max_body_size 30m;
        location / {
            proxy_pass http://%(behind)s;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_buffering off;
        }
    }
    upstream gateway { server 127.0.0.1:%(upstream)d; keepalive 8; }
"""
BUFFERING = FRONT.replace("proxy_buffering off;", "")
PROVIDER = """
    server {
        listen 127.0.0.1:%(port)d;
        keepalive_requests 3;
        keepalive_timeout 1s;
        gzip on; gzip_min_length 20; gzip_types application/json; gzip_http_version 1.1;
        location /v1/static { alias %(folder)s/; default_type application/json; }
        location / {
            proxy_pass http://127.0.0.1:%(upstream)d;
            proxy_http_version 1.1;
            proxy_set_header Accept-Encoding "";
            proxy_buffering off;
        }
    }
"""


@contextmanager
def nginx(folder, server, upstream, behind="gateway"):
    port = world.free_port()
    folder.mkdir(exist_ok=True)
    (folder / "body").mkdir(exist_ok=True)
    said = server % {"port": port, "upstream": upstream, "behind": behind, "folder": folder}
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{one}_temp_path {folder}/body;" for one in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 256; }}\nhttp {{ access_log off; {temporary} {said} }}\n"
    )
    with subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "early.log")]) as process:
        until(lambda: listens(port))
        try:
            yield port
        finally:
            process.terminate()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture(scope="module")
def behind(tmp_path_factory, provider):
    """The port of an nginx that is the provider, and its folder."""
    folder = tmp_path_factory.mktemp("provider")
    (folder / "answer.json").write_bytes(json.dumps(CHAT | {"padding": "x" * 2000}).encode())
    with nginx(folder, PROVIDER, provider.port) as port:
        yield port


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider, behind):
    yaml = f"""
    providers:
      openai: {{base_url: {provider.url}/v1}}
      engine: {{base_url: "http://127.0.0.1:{behind}/v1"}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with world.gateway(tmp_path_factory.mktemp("streams"), yaml) as one:
        until(lambda: one.call("/readyz", None, "GET").status == 200)
        yield one


def arrivals(port, path=PATH, do="slow-stream"):
    """When each event of a stream arrived, and everything that did."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(request(do, path=path, more="connection: close\r\n"))
        began, seen, at = time.monotonic(), b"", []
        while data := client.recv(65536):
            seen += data
            at += [time.monotonic() - began] * data.count(b"data: ")
    return at, seen


@pytest.mark.parametrize("front", [FRONT, BUFFERING], ids=["buffering off", "as it comes"])
def test_events_pass_an_nginx_in_front_one_by_one(tmp_path, gateway, front):
    with nginx(tmp_path / "nginx", front, gateway.port) as port:
        at, seen = arrivals(port)
    assert seen.count(b"data: ") == len(STREAM)
    # What cannot be tested with nginx's buffering on is when events come: it sends what it has as soon as it has it.
    assert at[0] < 0.1
    assert at[-1] - at[0] > 0.25


def test_events_of_an_nginx_come_one_by_one(gateway):
    at, seen = arrivals(gateway.port, PATH.replace("openai", "custom-engine"))
    assert seen.count(b"data: ") == len(STREAM)
    assert at[0] < 0.1
    assert at[-1] - at[0] > 0.25


def test_a_client_that_leaves_nginx_leaves_the_provider(tmp_path, gateway, provider):
    with nginx(tmp_path / "nginx", FRONT, gateway.port) as port:
        gone = len(provider.gone)
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(request("stuck-stream"))
            until(lambda: b"data: " in client.recv(65536))
        until(lambda: len(provider.gone) > gone, 2)


def test_what_nginx_compresses_is_relayed_as_it_is_and_metered(gateway):
    path = "/v1/acme/main/custom-engine/static/answer.json"
    plain = gateway.call(path, None, "GET")
    packed = gateway.call(path, None, "GET", accept_encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 3
    assert gzip.decompress(packed.body) == plain.body
    part = gateway.call(path, None, "GET", range="bytes=10-19")
    assert (part.status, part.body) == (206, plain.body[10:20])
    fresh = gateway.call(path, None, "GET", if_none_match=plain.headers["etag"])
    assert (fresh.status, fresh.body) == (304, b"")
    metered = gateway.call(PATH.replace("openai", "custom-engine"), ASK, accept_encoding="gzip")
    assert metered.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(metered.body)) == CHAT
    assert gateway.line(metered.log_id)["tokens_in"] == 100


def test_a_large_body_goes_through_both(tmp_path, gateway):
    with nginx(tmp_path / "nginx", FRONT, gateway.port) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", PATH, b'{"x": "' + b"y" * 15 * 2**20 + b'"}', {"content-type": "application/json"})
        assert json.loads(connection.getresponse().read()) == CHAT
        connection.close()


def test_calls_outlive_the_providers_habit_of_closing_connections(gateway, behind):
    """Every third answer closes its connection, and idle ones close too: a call on a dying one is sent again."""
    path, wrong = PATH.replace("openai", "custom-engine"), []

    def run():
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
        for number in range(50):
            connection.request("POST", path, ASK, {"content-type": "application/json"})
            response = connection.getresponse()
            if response.read() != json.dumps(CHAT).encode():
                wrong.append(response.status)
            if number % 17 == 16:
                time.sleep(0.99)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_many_clients_share_nginx_connections_to_the_gateway(tmp_path, gateway):
    async def calls(port, number):
        for _ in range(number):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request("stream", STREAM_ASK, more="connection: close\r\n"))
            whole = await reader.read()
            assert whole.count(b"data: ") == len(STREAM), whole
            writer.close()

    async def main(port):
        await asyncio.gather(*(calls(port, 20) for _ in range(20)))

    with nginx(tmp_path / "nginx", FRONT, gateway.port) as port:
        asyncio.run(main(port))
    assert "upstream" not in (tmp_path / "nginx" / "error.log").read_text()
