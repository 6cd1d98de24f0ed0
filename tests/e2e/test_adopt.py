"""What a reload takes over from the `server` block, and what it must not put to work."""

import subprocess
import sys
import time

import pytest

from tests import world

GUARDED = """
server: {{max_request_bytes: {limit}}}
accounts:
  a:
    gateways:
      closed: {{authentication: {{tokens: [{{name: t, token: 0123456789abcdef-token}}]}}}}
{more}
"""


def until(true, within=5.0):
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def version(gateway):
    return gateway.call("/readyz", None, "GET").json["config_version"]


def test_an_edit_that_opens_a_gateway_to_the_network_is_refused_and_the_old_one_serves_on(tmp_path):
    with world.gateway(tmp_path, GUARDED.format(limit="1MiB", more=""), args=("--host", "0.0.0.0")) as gateway:
        before = version(gateway)
        gateway.file.write_text(GUARDED.format(limit="1MiB", more="      open: {}"))
        until(lambda: "authentication: none" in gateway.errors())
        assert version(gateway) == before
        assert b'gateway_config_reloads_total{result="rejected"} 1' in gateway.call("/metrics", None, "GET").body
        assert gateway.call("/v1/a/open/demo/models", None, "GET").json["error"]["code"] == "unknown_gateway"


def test_a_larger_limit_for_requests_holds_without_a_restart(tmp_path):
    with world.gateway(tmp_path, GUARDED.format(limit="1KiB", more="      open: {}")) as gateway:
        path, body = "/v1/a/open/demo/chat/completions", b'{"model": "demo", "pad": "' + b"x" * 2000 + b'"}'
        assert gateway.call(path, body).status == 413
        before = version(gateway)
        gateway.file.write_text(GUARDED.format(limit="1MiB", more="      open: {}"))
        until(lambda: version(gateway) != before)
        assert gateway.call(path, body).status != 413


@pytest.mark.parametrize("command", [("check",), ("serve", "--port", "0", "--config")])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_one_line_and_no_traceback(tmp_path, command, content):
    authorities = tmp_path / "ca.pem"
    if content is not None:
        authorities.write_text(content)
    file = tmp_path / "gateways.yaml"
    file.write_text(f"server: {{ca_file: {authorities}}}\naccounts: {{a: {{gateways: {{g: {{}}}}}}}}\n")
    run = [sys.executable, "-m", "gateway", *command, str(file)]
    done = subprocess.run(run, capture_output=True, text=True, cwd=world.ROOT, timeout=20)
    assert done.returncode == 1
    assert len((done.stdout + done.stderr).splitlines()) == 1
    assert "server.ca_file" in done.stdout + done.stderr
