"""The classes into which gateways' published vulnerabilities fall, each tried on a gateway as a user runs it."""

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import world
from tests.security.secrets import (
    BATCH,
    CHAT,
    CLIENT_KEY,
    HEADER_SECRET,
    PROVIDER_KEY,
    REDIS_PASSWORD,
    ROOT,
    SECRETS,
    TOKEN,
    configured,
)


def says(asked):
    if b"break" in asked.body:
        return world.Says(500, chunks=[json.dumps({"error": {"message": "broken"}}).encode()])
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}
    answer = {"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
    return world.Says(chunks=[json.dumps(answer).encode()])


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    text, env = configured(provider.url)
    with world.gateway(tmp_path_factory.mktemp("classes"), text, env) as one:
        yield one


def raw(gateway, head, body=b""):
    """What comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", gateway.port), 5) as connection:
        connection.sendall(head.replace(b"\n", b"\r\n") + body)
        connection.settimeout(3)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except TimeoutError:
            pass
        return answer


CLOSED = b"/v1/acme/closed/openai/chat/completions"
TARGETS = [
    CLOSED,
    b"/v1/acme/open/../closed/openai/chat/completions",
    b"/v1/acme/open/%2e%2e/closed/openai/chat/completions",
    b"/v1/acme/open%2f..%2fclosed/openai/chat/completions",
    b"//v1/acme/closed/openai/chat/completions",
    b"/v1//acme/closed/openai/chat/completions",
    b"/v1/acme/closed;open/openai/chat/completions",
    b"/v1/acme/%63losed/openai/chat/completions",
    b"/healthz/..%2fv1/acme/closed/openai/chat/completions",
    b"/v1/acme/closed/openai/chat/completions?/healthz",
    b"http://127.0.0.1/v1/acme/closed/openai/chat/completions",
    b"/v1/acme/closed/openai/chat/completions#/v1/acme/open",
]
HOSTS = [b"x", b"x/v1/acme/open/openai", b"x/healthz?", b"x#", b"a@b", b"127.0.0.1:1/metrics", b"x\\y", b""]


@pytest.mark.parametrize("target", TARGETS)
def test_a_who_may_call_is_not_decided_on_a_rebuilt_url(gateway, provider, target):
    before = len(provider.asked)
    for host in HOSTS:
        for extra in (b"", b"x-forwarded-host: x/healthz\nx-original-url: /healthz\nx-rewrite-url: /healthz\n"):
            head = b"POST %b HTTP/1.1\nhost: %b\n%bcontent-length: %d\nconnection: close\n\n"
            answer = raw(gateway, head % (target, host, extra, len(CHAT)), CHAT)
            assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 404"), (host, answer[:200])
    assert len(provider.asked) == before


EVIL = "evil.example:81"
STEERING = (
    "x-portkey-custom-host", "helicone-target-url", "x-fal-target-url", "x-target-url", "x-forwarded-host", "api-base",
    "x-api-base", "x-base-url", "cf-aig-base-url", "cf-aig-provider", "x-openai-base-url", "x-upstream-url",
)  # fmt: skip
"""Headers by which gateways have been sent elsewhere, and some more."""
PATHS = (
    f"azure-openai/{EVIL}/d/chat/completions", f"azure-openai/{EVIL}%23/d/chat/completions",
    f"azure-openai/x.y@{EVIL}/d/chat/completions", f"aws-bedrock/bedrock-runtime/{EVIL}/model/m/converse",
    f"aws-bedrock/bedrock-runtime/x@{EVIL}%2f/model/m/converse", f"baseten/model/{EVIL}%23", f"baseten/model/{EVIL}",
    f"google-vertex-ai/v1/projects/p/locations/{EVIL}%23/publishers/google/models/m:generateContent",
    f"huggingface/http://{EVIL}", f"openai/@{EVIL}/x", f"openai/http://{EVIL}", f"custom-{EVIL}/x",
    f"fal/http://{EVIL}", f"openai//{EVIL}/x", f"workers-ai/http://{EVIL}/x", f"openai/%2f%2f{EVIL}/x",
)  # fmt: skip
OUT = re.compile(
    r"127\.0\.0\.1:\d+|[a-z0-9.-]+\.(?:openai\.azure\.com|amazonaws\.com|api\.baseten\.co|huggingface\.co|fal\.run"
    r"|googleapis\.com|cloudflare\.com)(?::443)?|fal\.run:443"
)


def steered():
    """Calls that ask in many ways to be sent to a host of the caller's choice."""
    url, chat = f"http://{EVIL}", json.loads(CHAT)
    yield from (("openai/chat/completions", {name.replace("-", "_"): url}, CHAT) for name in STEERING)
    yield from (("fal/x", {name.replace("-", "_"): url}, CHAT) for name in STEERING)
    for key in ("api_base", "base_url", "custom_llm_provider", "user_config", "endpoint", "url"):
        yield f"openai/chat/completions?{key}={url}", {}, CHAT
        yield "openai/chat/completions", {}, json.dumps(chat | {key: url}).encode()
        yield "compat/chat/completions", {}, json.dumps(chat | {key: url, "model": "openai/m"}).encode()
    yield from ((path, {}, CHAT) for path in PATHS)
    for model in (f"azure-openai/{EVIL}/d", f"{url}/m", f"aws-bedrock/{url}", f"google-vertex-ai/{EVIL}/m"):
        yield "compat/chat/completions", {}, json.dumps(chat | {"model": model}).encode()
    step = {
        "provider": "openai",
        "endpoint": url,
        "query": chat,
        "headers": {"host": EVIL, "x-portkey-custom-host": url},
    }
    yield "", {}, json.dumps([step]).encode()


def test_b_no_caller_chooses_the_host_that_is_called(tmp_path, provider):
    # All that leaves goes through a proxy, which lets nothing out and sees where it was to go.
    with world.provider(lambda asked: world.Says(403)) as proxy:
        text, env = configured(provider.url)
        with world.gateway(tmp_path, f"    server: {{proxy: '{proxy.url}'}}\n{text}", env) as gateway:
            for path, headers, body in steered():
                assert gateway.call(f"/v1/acme/open/{path}".rstrip("/"), body, **headers).status < 600
        hosts = {one.target if one.method == "CONNECT" else urlsplit(one.target).netloc for one in proxy.asked}
    assert len(hosts) > 1
    assert not [host for host in hosts if not OUT.fullmatch(host)]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_c_nothing_that_arrives_changes_the_configuration(gateway, method):
    before = gateway.file.read_bytes()
    versions = gateway.call("/v1/acme/open/openai/chat/completions", CHAT).status
    for path in (
        "/config/update", "/config", "/key/generate", "/user/update", "/model/new", "/api/mcp/client", "/api/plugins",
        "/v1/acme/closed", "/v1/acme", "/v1", "/admin/gateways", "/accounts/acme/ai-gateway/gateways/open", "/debug",
        "/reload", "/v1/acme/closed/config", "/v1/acme/open/unknown/x", "/mcp", "/test/connection",
    ):  # fmt: skip
        body = json.dumps({"accounts": {}, "command": "touch x", "url": "http://x", "mcpServers": {}}).encode()
        answer = gateway.call(path, body, method)
        assert answer.status in (400, 401, 404, 405), (path, answer.status)
    assert gateway.file.read_bytes() == before
    assert gateway.call("/v1/acme/open/openai/chat/completions", CHAT).status == versions == 200


HOSTILE = [
    "accounts: !!python/object/apply:os.system ['touch {mark}']",
    "accounts: {{a: {{gateways: {{g: {{keys: {{openai: '${{file:|touch {mark}}}'}}}}}}}}}}",
    "accounts: {{a: {{gateways: {{g: {{keys: {{openai: '$(touch {mark})'}}}}}}}}}}",
    "accounts: {{a: {{gateways: {{g: {{keys: {{openai: '{{{{ cycler.__init__.__globals__.os.system(1) }}}}'}}}}}}}}}}",
    "custom_auth: os.system\nplugins: [os]\nmodel_list: []\ncallbacks: !!python/name:os.system",
    "model_list: [{{model_name: a, litellm_params: {{model: !!python/object/new:os.system [touch {mark}]}}}}]",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("command", [["check"], ["import", "litellm"], ["explain", "--path", "/x", "--config"]])
def test_d_no_configuration_runs_code(tmp_path, text, command):
    mark = tmp_path / "mark"
    path = tmp_path / "gateways.yaml"
    path.write_text(text.format(mark=mark))
    ran = run(*command, str(path))
    assert ran.returncode in (0, 1)
    assert "Traceback" not in ran.stderr
    assert not mark.exists()


def run(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], **env},
    )  # fmt: skip


def test_e_callers_whose_secrets_are_alike_are_not_the_same_caller(gateway, provider):
    path = "/v1/acme/closed/openai/chat/completions"
    asked = json.dumps(json.loads(CHAT) | {"user": "e"}).encode()

    def status(token, **headers):
        return gateway.call(path, asked, cf_aig_authorization=f"Bearer {token}", **headers).headers[
            "cf-aig-cache-status"
        ]

    assert TOKEN[:-1] == BATCH[:-1]
    assert (status(TOKEN), status(TOKEN)) == ("MISS", "HIT")
    assert (status(BATCH), status(BATCH)) == ("MISS", "HIT")
    assert gateway.call(path, asked, cf_aig_authorization=TOKEN[:-1]).status == 401
    open_path = "/v1/acme/open/openai/chat/completions"
    for key in (CLIENT_KEY, CLIENT_KEY[:-1], CLIENT_KEY[:-1] + "x"):
        answer = gateway.call(open_path, asked, authorization=f"Bearer {key}")
        assert answer.headers["cf-aig-cache-status"] == "MISS"
        assert provider.asked[-1].header("authorization") == f"Bearer {key}"


def test_f_no_secret_is_in_a_url_a_log_a_span_a_metric_an_error_or_what_a_command_prints(gateway, provider, tmp_path):
    before = len(provider.asked)
    answers = [
        gateway.call(f"/v1/acme/{name}/{path}", body, method, **headers)
        for name in ("closed", "open", "broken")
        for path in (
            "openai/chat/completions", f"openai/chat/completions?key={TOKEN}&api_key={CLIENT_KEY}", "compat/embeddings",
            f"google-ai-studio/v1beta/models/m:generateContent?key={CLIENT_KEY}", f"openai/{TOKEN}/x", "none/x",
        )
        for body, method in ((CHAT, "POST"), (b"{", "POST"), (CHAT.replace(b"Hello", b"break"), "POST"), (None, "GET"))
        for headers in (
            {"cf_aig_authorization": f"Bearer {TOKEN}", "authorization": f"Bearer {CLIENT_KEY}"},
            {"authorization": f"Bearer {TOKEN}", "x_api_key": CLIENT_KEY},
            {"cf_aig_authorization": f"Bearer {TOKEN}", "cf_aig_byok_alias": "none", "cf_aig_metadata": "{"},
            {"cf_aig_authorization": f"Bearer {TOKEN}", "cf_aig_collect_log_payload": "true"},
        )
    ]  # fmt: skip
    metrics = gateway.call("/metrics", None, "GET").body.decode()
    said = "".join(f"{answer.headers} {answer.body!r}" for answer in answers)
    file, env = str(gateway.file), configured(provider.url)[1]
    explained = run(
        "explain", "--config", file, "--path", f"/v1/acme/closed/openai/chat/completions?key={TOKEN}", "--header",
        f"cf-aig-authorization: Bearer {TOKEN}", "--header", f"x-api-key: {CLIENT_KEY}", "--data", CHAT.decode(), **env,
    )  # fmt: skip
    broken = tmp_path / "gateways.yaml"
    broken.write_text(gateway.file.read_text().replace("closed:", f"closed: {{unknown: {TOKEN}}}\n      other:"))
    checked = [run("check", file, **env), run("check", str(broken), **env), run("import", "litellm", file)]
    gateway.line(answers[0].log_id)
    assert any(line["outcome"] != "served" for line in gateway.lines())
    logged = (
        "".join(json.dumps(line) for line in gateway.lines()) + gateway.errors() + Path(gateway.out.name).read_text()
    )
    commands = "".join(ran.stdout + ran.stderr for ran in (explained, *checked))
    assert "sent to" in explained.stdout
    assert "traceId" in logged
    sinks = {"answers": said, "metrics": metrics, "log, spans and standard error": logged, "commands": commands}
    found = {(name, secret) for name, text in sinks.items() for secret in SECRETS if secret in text}
    # What a client wrote into the path is the path: only there may it be read again.
    found -= {("log, spans and standard error", TOKEN)} if paths_only(logged) else set()
    assert not found
    sent = [asked for asked in provider.asked[before:] if "/x" not in asked.target]
    assert sent
    assert not [asked.target for asked in sent if TOKEN in asked.target or PROVIDER_KEY in asked.target]


def paths_only(logged):
    """Whether a token occurs nowhere but where a client put it into a path."""
    return logged.count(TOKEN) == logged.count(f"{TOKEN}/x")


def test_g_what_opens_one_thing_opens_nothing_else(gateway, provider):
    path = "/v1/acme/{}/openai/chat/completions"
    hashed = hashlib.sha256(TOKEN.encode()).hexdigest()
    for candidate in (PROVIDER_KEY, CLIENT_KEY, HEADER_SECRET, REDIS_PASSWORD, hashed, BATCH[::-1]):
        assert gateway.call(path.format("closed"), CHAT, cf_aig_authorization=f"Bearer {candidate}").status == 401
    assert gateway.call(path.format("other"), CHAT, cf_aig_authorization=f"Bearer {TOKEN}").status == 401
    # As a provider's key a token is worth nothing: it does not travel, whichever gateway it is of.
    before = len(provider.asked)
    for name in ("open", "closed"):
        body = CHAT.replace(b"Hello", name.encode())
        gateway.call(path.format(name), body, authorization=f"Bearer {TOKEN}", x_api_key=TOKEN, api_key=TOKEN)
    assert len(provider.asked) == before + 2
    assert not [asked for asked in provider.asked[before:] if TOKEN in str(asked.headers) + asked.target]
