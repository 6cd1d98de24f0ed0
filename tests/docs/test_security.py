"""What docs/security.md promises and no other test shows; and that the tests it names are there."""

import hashlib
import re
from pathlib import Path

import pytest

from tests import world

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "gw-0123456789abcdef"
YAML = f"accounts: {{a: {{gateways: {{g: {{authentication: {{tokens: [{{name: web, token: {TOKEN}}}]}}}}}}}}}}"
CHAT = b'{"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}'


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with world.gateway(tmp_path_factory.mktemp("security"), YAML) as gateway:
        yield gateway


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/", "/config", "/config/update", "/admin", "/v1", "/key/generate", "/docs", "/metrics/x"]
)
def test_nothing_but_calls_health_and_numbers_is_served(gateway, method, path):
    answer = gateway.call(path, method=method)
    assert answer.status in (400, 404)
    assert answer.json["name"] == "AiGatewayError"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_is_read_cannot_be_written(gateway, method, path):
    assert gateway.call(path, method=method).status == 405


def test_a_hash_opens_nothing(gateway):
    path = "/v1/a/g/demo/chat/completions"
    assert gateway.call(path, CHAT, authorization=f"Bearer {TOKEN}").status == 200
    hashed = hashlib.sha256(TOKEN.encode()).hexdigest()
    for sent in (hashed, TOKEN[:-1], TOKEN + "x", TOKEN.upper(), ""):
        assert gateway.call(path, CHAT, cf_aig_authorization=f"Bearer {sent}").status == 401


def test_a_closed_gateway_says_no_before_it_says_which_providers_it_has(gateway):
    answers = [gateway.call(f"/v1/a/g/{name}/x") for name in ("demo", "anthropic", "none")]
    assert {(answer.status, answer.json["error"]["code"]) for answer in answers} == {(401, "unauthorized")}


def test_host_decides_nothing(gateway):
    for host in ("x/v1/a/open/demo", "127.0.0.1", "a.g", "localhost:1"):
        assert gateway.call("/v1/a/g/demo/chat/completions", CHAT, host=host).status in (400, 401)


def test_the_tests_that_the_page_names_are_there():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py)(?:::(test_[a-z0-9_]+))?`", text)
    assert len(named) > 10
    for path, test in named:
        assert (ROOT / path).is_file(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), test
