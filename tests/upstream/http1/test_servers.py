"""Calls to real servers: nginx, uvicorn and node, each with its own way of keeping and closing connections."""

import asyncio
import gzip
import os
import shutil
import socket
import subprocess
import threading
import time
import zlib

import httpx2
import pytest
import uvicorn

from tests.upstream.hostile import fetch, request, transport, whole

TEXT = b"".join(b"%d, " % i for i in range(20_000))
LARGE = b"0123456789abcdef" * 1_250_000

NGINX = """
daemon off; master_process off; worker_processes 1; error_log stderr crit; pid nginx.pid;
events {{ worker_connections 512; }}
http {{
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u;
    scgi_temp_path s; gzip_types text/plain; default_type text/plain; client_max_body_size 50m;
    server {{
        listen 127.0.0.1:{port}; root {root};
        location / {{ }}
        location /zipped/ {{ gzip on; alias {root}/; }}
        location /brief/ {{ keepalive_requests 4; alias {root}/; }}
        location /hasty/ {{ keepalive_timeout 30ms; return 200 "hasty"; }}
        location /small/ {{ client_max_body_size 1k; proxy_pass http://127.0.0.1:{port}/length; }}
        location /up/ {{ proxy_pass http://127.0.0.1:{port}/length; proxy_http_version 1.1; }}
        location /length {{ return 200 "$content_length"; }}
        location /none/ {{ return 204; }}
        location /away/ {{ return 444; }}
    }}
}}
"""

NODE = """
const http = require("http");
const server = http.createServer((request, response) => {
  if (request.url === "/early") { response.writeHead(413, {connection: "close"}); response.end("too large"); return; }
  let size = 0;
  request.on("data", piece => { size += piece.length; });
  request.on("end", () => {
    if (request.url === "/hints") response.writeEarlyHints({link: "</a>; rel=preload"});
    if (request.url === "/trailers") {
      response.writeHead(200, {trailer: "x-sum"});
      response.write("a"); setTimeout(() => { response.addTrailers({"x-sum": "7"}); response.end("b"); }, 5);
    } else if (request.url === "/stream") {
      let left = 50;
      const more = () => {
        response.write(`data: ${left}\\n\\n`);
        if (--left) setImmediate(more); else response.end();
      };
      more();
    } else response.end(String(size));
  });
});
server.keepAliveTimeout = 40;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
"""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def until_it_listens(port):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not os.path.exists(program):
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "text.txt").write_bytes(TEXT)
    (folder / "large.bin").write_bytes(LARGE)
    folder.chmod(0o755)
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(port=port, root=folder))
    process = subprocess.Popen([program, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"])
    until_it_listens(port)
    yield f"http://127.0.0.1:{port}/"
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def node():
    program = shutil.which("node")
    if not program:
        pytest.skip("node is not installed")
    process = subprocess.Popen([program, "-e", NODE], stdout=subprocess.PIPE)
    yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    process.terminate()
    process.wait()
    process.stdout.close()


async def app(scope, receive, send):
    """Echoes a body in chunks, or its length, after all of it has come."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"] == "/close":
        headers = [(b"connection", b"close"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for start in range(0, len(body), 1_000_000):
        await send({"type": "http.response.body", "body": body[start : start + 1_000_000], "more_body": True})
    await send({"type": "http.response.body", "body": b"."})


@pytest.fixture(scope="module", params=["httptools", "h11"])
def uvicorn_url(request):
    config = uvicorn.Config(app, http=request.param, lifespan="off", log_level="error", timeout_keep_alive=1)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    server.should_exit = True
    thread.join()
    listener.close()


def test_nginx_sends_a_large_file_and_keeps_the_connection(run, nginx):
    async def main():
        async with transport() as client:
            for _ in range(2):
                status, body = await fetch(client, nginx, target=b"/large.bin")
                assert (status, body == LARGE) == (200, True)
            assert client.idle_connections == 1

    run(main())


def test_nginx_takes_a_large_body(run, nginx):
    async def main():
        async with transport() as client:
            assert await fetch(client, nginx, "POST", LARGE, target=b"/up/") == (200, b"20000000")
            assert client.idle_connections == 1

    run(main())


def test_nginx_s_gzip_is_relayed_as_it_came(run, nginx):
    async def main():
        async with transport() as client:
            accepting = [(b"accept-encoding", b"gzip")]
            response = await client.handle_async_request(request(nginx, headers=accepting, target=b"/zipped/text.txt"))
            assert response.headers["transfer-encoding"] == "chunked"
            assert response.headers["content-encoding"] == "gzip"
            body = await whole(response)
            assert gzip.decompress(body) == TEXT
            assert zlib.decompressobj(31).decompress(body) == TEXT

    run(main())


def test_nginx_closes_after_a_number_of_requests_and_every_call_succeeds(run, nginx):
    async def main():
        async with transport() as client:

            async def caller():
                for _ in range(30):
                    assert (await fetch(client, nginx, "GET", target=b"/brief/text.txt"))[1] == TEXT

            await asyncio.gather(*[caller() for _ in range(8)])

    run(main())


def test_nginx_closes_after_a_moment_of_rest_and_every_call_succeeds(run, nginx):
    """Each pause is near the 30 ms after which nginx closes, so that many ends race with a request."""

    async def main():
        async with transport() as client:

            async def caller(shift):
                for i in range(12):
                    assert await fetch(client, nginx, "GET", target=b"/hasty/") == (200, b"hasty")
                    await asyncio.sleep(0.028 + 0.0003 * ((i * 5 + shift) % 12))

            await asyncio.gather(*[caller(i) for i in range(8)])

    run(main())


def test_nginx_refuses_a_large_body_before_it_is_sent(run, nginx):
    async def main():
        async with transport() as client:
            for _ in range(3):
                status, body = await fetch(client, nginx, "POST", LARGE, target=b"/small/")
                assert (status, b"413" in body) == (413, True)
                assert client.open_connections == 0

    run(main())


def test_nginx_answers_without_a_body_or_not_at_all(run, nginx):
    async def main():
        async with transport() as client:
            assert await fetch(client, nginx, target=b"/none/") == (204, b"")
            assert await fetch(client, nginx, "HEAD", target=b"/large.bin") == (200, b"")
            assert client.idle_connections == 1
            with pytest.raises(httpx2.RemoteProtocolError, match="without an answer"):
                await fetch(client, nginx, "POST", b"x", target=b"/away/")
            assert client.open_connections == 0

    run(main())


@pytest.mark.parametrize("size", [0, 10, 100_000, 20_000_000])
def test_uvicorn_echoes_a_body(run, uvicorn_url, size):
    async def main():
        async with transport() as client:
            body = LARGE[:size]
            for _ in range(2):
                status, got = await fetch(client, uvicorn_url, "POST", body)
                assert (status, got == body + b".") == (200, True)
            assert client.open_connections == 1

    run(main())


def test_uvicorn_closes_when_asked_to(run, uvicorn_url):
    async def main():
        async with transport() as client:
            assert await fetch(client, uvicorn_url, target=b"/close") == (200, b"ok")
            assert client.open_connections == 0

    run(main())


def test_node_counts_a_large_body_and_sends_hints_and_trailers(run, node):
    async def main():
        async with transport() as client:
            assert await fetch(client, node, "POST", LARGE, target=b"/") == (200, b"20000000")
            assert await fetch(client, node, "POST", b"abc", target=b"/hints") == (200, b"3")
            response = await client.handle_async_request(request(node, target=b"/trailers"))
            assert await whole(response) == b"ab"
            assert response.extensions["trailers"] == [(b"x-sum", b"7")]
            stream = b"".join(b"data: %d\n\n" % i for i in range(50, 0, -1))
            assert await fetch(client, node, target=b"/stream") == (200, stream)

    run(main())


def test_node_answers_early_and_closes(run, node):
    async def main():
        async with transport() as client:
            for _ in range(3):
                assert await fetch(client, node, "POST", LARGE, target=b"/early") == (413, b"too large")
                assert client.open_connections == 0

    run(main())


def test_node_closes_after_a_moment_of_rest_and_every_call_succeeds(run, node):
    async def main():
        async with transport() as client:
            for pause in (0.038, 0.039, 0.04, 0.041, 0.042, 0.06, 0.08):
                assert await fetch(client, node, "PUT", b"abc", target=b"/") == (200, b"3")
                await asyncio.sleep(pause)

    run(main())
