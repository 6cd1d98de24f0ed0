"""`gateway serve` up to the moment it listens: flags, banner, and what it refuses."""

import subprocess
import sys

import msgspec
import pytest

from gateway.cli import serve
from gateway.settings.blocks import Document
from gateway.settings.load import load
from tests import world

OPEN = {"acme": {"gateways": {"main": {}, "second": {}}}}


def document(accounts=None) -> Document:
    return msgspec.convert({"accounts": accounts or OPEN}, Document)


def run(file, *more: str, env=None) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(file), *more]
    return subprocess.run(command, capture_output=True, text=True, cwd=world.ROOT, timeout=30, env=env)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("[::]", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("[fe80::1]", "http://[fe80::1]:80"),
        ("gateway.example", "http://gateway.example:80"),
    ],
)
def test_a_url_is_one_that_a_client_here_can_use(host, expected):
    assert serve.url(host, 80) == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_open_gateways_may_listen_on_loopback(host):
    assert serve.unguarded(document(), host) == ""


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "gateway.example", "localhost.example", "::ffff:10.0.0.1", ""]
)
def test_open_gateways_are_not_shown_to_the_world(host):
    sentence = serve.unguarded(document(), host)
    assert "acme/main, acme/second" in sentence
    assert "authentication" in sentence


def test_gateways_that_are_open_on_purpose_may_be_shown():
    assert serve.unguarded(document({"acme": {"gateways": {"main": {"authentication": "none"}}}}), "0.0.0.0") == ""


def test_an_exposed_open_gateway_is_exit_1(tmp_path):
    file = tmp_path / "gateways.yaml"
    file.write_text("accounts: {acme: {gateways: {main: {}}}}")
    got = run(file, "--host", "0.0.0.0", "--port", "0")
    assert got.returncode == 1
    assert got.stderr.startswith("Not listening on 0.0.0.0: ")
    assert got.stderr.count("\n") == 1


def test_a_bad_file_is_exit_1_with_its_places(tmp_path):
    file = tmp_path / "gateways.yaml"
    file.write_text("accounts: {acme: {gatways: {}}}")
    for more in ((), ("--workers", "2")):
        got = run(file, *more)
        assert got.returncode == 1
        assert got.stderr.startswith(f"{file}:1:")
        assert "Traceback" not in got.stderr


def test_a_missing_file_is_exit_1(tmp_path):
    got = run(tmp_path / "none.yaml")
    assert got.returncode == 1
    assert "none.yaml" in got.stderr
    assert "Traceback" not in got.stderr


@pytest.mark.parametrize(
    "more", [("--port", "65536"), ("--port", "x"), ("--workers", "0"), ("--workers", "1000"), ("--x",)]
)
def test_a_flag_that_makes_no_sense_is_exit_2(tmp_path, more):
    got = run(tmp_path / "gateways.yaml", *more)
    assert got.returncode == 2
    assert "Traceback" not in got.stderr


def test_flags_and_file_make_the_options(tmp_path):
    parser = serve.ArgumentParser()
    serve.add_arguments(parser)
    arguments = parser.parse_args(["--host", "::1", "--port", "0", "--workers", "3"])
    file = tmp_path / "gateways.yaml"
    file.write_text(
        "server: {header_timeout: 2s, keep_alive: 1s, max_header_bytes: 1KiB, drain: {delay: 1s, timeout: 3s}}\n"
        "accounts: {acme: {gateways: {main: {}}}}"
    )
    options = serve.served(arguments, load(file, {}, {}).document.server)
    assert (options.host, options.port, options.workers) == ("::1", 0, 3)
    assert (options.header_timeout, options.keep_alive, options.max_header_bytes) == (2.0, 1.0, 1024)
    assert (options.drain_delay, options.drain_timeout) == (1, 3)


def test_the_banner_names_gateways_and_a_call_that_works():
    text = serve.banner(document(), "http://127.0.0.1:1")
    assert "http://127.0.0.1:1/v1/acme/second/{provider}/" in text
    assert "curl http://127.0.0.1:1/v1/acme/main/demo/chat/completions" in text
    assert "cf-aig-authorization" not in text


def test_the_banner_of_many_gateways_is_short():
    many = {
        "acme": {
            "gateways": {
                f"g{n}": {"authentication": {"tokens": [{"name": "t", "sha256": "0" * 64}]}} for n in range(50)
            }
        }
    }
    text = serve.banner(document(many), "http://x")
    assert "and 40 more gateways" in text
    assert "cf-aig-authorization" in text
