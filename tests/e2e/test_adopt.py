"""What a reload takes over from the `server` block, and what it must not put to work."""

import time

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
        assert gateway.call("/v1/a/open/demo/models", None, "GET").json["error"]["code"] == "unknown_gateway"


def test_a_larger_limit_for_requests_holds_without_a_restart(tmp_path):
    with world.gateway(tmp_path, GUARDED.format(limit="1KiB", more="      open: {}")) as gateway:
        path, body = "/v1/a/open/demo/chat/completions", b'{"model": "demo", "pad": "' + b"x" * 2000 + b'"}'
        assert gateway.call(path, body).status == 413
        before = version(gateway)
        gateway.file.write_text(GUARDED.format(limit="1MiB", more="      open: {}"))
        until(lambda: version(gateway) != before)
        assert gateway.call(path, body).status != 413
