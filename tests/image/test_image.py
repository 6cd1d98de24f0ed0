"""The image as it is deployed: without root, on a root that cannot be written, and stopped without losing a stream."""

import http.client
import json
import threading
import time
from pathlib import Path

import pytest

from tests import world
from tests.e2e.acts import ASK, PATH, STREAM, STREAM_ASK, WHOLE, until
from tests.image import stand_in

STREAMS = 50
LARGEST = 160
"""MiB that the image adds to the Python image."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(stand_in.missing()), reason=stand_in.missing()),
]


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    one = stand_in.Images(tmp_path_factory.mktemp("images"))
    one.build()
    yield one
    one.close()


@pytest.fixture
def provider():
    says = world.Says(headers={"content-type": "text/event-stream"}, chunks=STREAM, framing="chunked", pause=0.5)
    with world.provider(lambda asked: says if asked.header("x-do") else WHOLE) as one:
        yield one


@pytest.fixture
def etc(tmp_path, provider):
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "gateways.yaml").write_text(f"""
    server: {{drain: {{delay: 500ms, timeout: 20s}}}}
    providers: {{openai: {{base_url: "{provider.url}/v1"}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """)
    folder.chmod(0o755)
    (folder / "gateways.yaml").chmod(0o644)
    return folder


def call(port, path=PATH, body=ASK, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST" if body else "GET", path, body, {"content-type": "application/json"} | headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def ready(port):
    try:
        return call(port, "/readyz", None)[0] == 200
    except OSError:
        return False


def test_it_adds_little_and_says_how_it_is_run(images):
    ours, base = (
        int(images.run("podman", "image", "inspect", "--format", "{{.Size}}", tag).stdout)
        for tag in (stand_in.TAG, stand_in.PYTHON)
    )
    print(f"\n{ours / 2**20:.0f} MiB, of which {(ours - base) / 2**20:.0f} are not Python and Debian")
    assert ours - base < LARGEST * 2**20
    config = json.loads(images.run("podman", "image", "inspect", stand_in.TAG).stdout)[0]["Config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["gateway"]
    assert config["StopSignal"] in ("SIGTERM", "15")
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_it_serves_without_root_and_without_a_place_to_write(images, etc, workers):
    with images.container(etc, *workers) as container:
        until(lambda: ready(container.port), 20)
        assert call(container.port)[0] == 200
        assert container.inspect("{{.HostConfig.ReadonlyRootfs}}") == "true"
        status = Path(f"/proc/{container.pid()}/status").read_text()
        assert "Uid:\t65532\t65532" in status
        assert "CapEff:\t0000000000000000" in status
        assert Path(f"/proc/{container.pid()}/cmdline").read_bytes().split(b"\0")[1].endswith(b"/gateway"), "no shell"
        container.kill("TERM")
        assert container.wait() == 0
        out, errors = container.logs()
        assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["served"]
        assert "Traceback" not in errors


def test_an_edit_of_the_mounted_folder_is_picked_up(images, etc):
    with images.container(etc) as container:
        until(lambda: ready(container.port), 20)
        fresh = etc / "fresh.yaml"
        fresh.write_text((etc / "gateways.yaml").read_text().replace("main:", "added: {}, main:"))
        fresh.rename(etc / "gateways.yaml")
        until(lambda: call(container.port, PATH.replace("main", "added"))[0] == 200, 3)


@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_a_stop_under_fifty_streams_loses_none(images, etc, provider, workers):
    with images.container(etc, *workers) as container:
        until(lambda: ready(container.port), 20)
        got = []
        threads = [
            threading.Thread(target=lambda: got.append(call(container.port, body=STREAM_ASK, **{"x-do": "stream"})))
            for _ in range(STREAMS)
        ]
        for thread in threads:
            thread.start()
        until(lambda: len(provider.asked) == STREAMS)
        began = time.monotonic()
        container.kill("TERM")
        assert container.wait() == 0
        assert time.monotonic() - began < 20
        for thread in threads:
            thread.join(10)
        assert got == [(200, b"".join(STREAM))] * STREAMS
        out, errors = container.logs()
        assert out.count('"outcome":"served"') == out.count("\n") == STREAMS
        assert "Traceback" not in errors


def test_a_file_that_is_not_there_is_one_line_and_exit_1(images):
    done = images.run("podman", "run", "--rm", "--network", "none", "--read-only", stand_in.TAG, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["/etc/gateway/gateways.yaml:1:1: the file does not exist"]
