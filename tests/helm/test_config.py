"""The rendered file, arguments and environment are what the gateway itself reads: here it reads them."""

import contextlib
import os
import re
import subprocess
import sys
import threading
from argparse import ArgumentParser

import pytest

from gateway.cli import serve
from gateway.cli.known import providers
from gateway.providers import rows
from gateway.settings.load import load
from tests.helm import chart
from tests.helm.chart import CASES, CHART, ROOT, render

KEYS = "/etc/gateway/keys/"


def loaded(tmp_path, rendered):
    """gateways.yaml as the gateway loads it; what stands in Secrets is made up."""
    text = rendered.file
    for name in re.findall(r"\$\{file:" + KEYS + r"([^}]+)\}", text):
        (tmp_path / name).write_text("a-key-of-some-length")
    path = tmp_path / "gateways.yaml"
    path.write_text(text.replace(KEYS, f"{tmp_path}/"))
    names = set(re.findall(r"\$\{([A-Z0-9_]+)", text))
    env = dict.fromkeys(names, "a-key-of-some-length") | {"REDIS_URL": "redis://redis.internal:6379/0"}
    return load(path, env, providers()).document


@pytest.mark.parametrize("helm", chart.HELMS)
@pytest.mark.parametrize("case", [case for case in CASES if case != "own-config"])
def test_the_gateway_loads_the_file_and_drains_as_long_as_kubernetes_lets_it(tmp_path, helm, case):
    rendered = render(chart.case(case), helm)
    document = loaded(tmp_path, rendered)
    drain = document.server.drain
    assert (
        drain.delay + drain.timeout
        <= rendered.pod["spec"]["terminationGracePeriodSeconds"] - 15
        < (drain.delay + drain.timeout + 2)
    )
    # An address that others reach is listened on: the gateway must not refuse it.
    assert serve.unguarded(document, "0.0.0.0") == ""


def test_what_the_file_refers_to_is_given_to_the_pod():
    rendered = render(chart.case("ha-hpa"))
    sources = [one["secretRef"]["name"] for one in rendered.container["envFrom"]]
    assert sources == ["gateway-tokens"]
    assert rendered.env["REDIS_URL"] == {"secretKeyRef": {"name": "gateway-redis", "key": "url"}}
    volume = next(one for one in rendered.pod["spec"]["volumes"] if one["name"] == "keys")
    assert volume["projected"]["sources"] == [{"secret": {"name": "provider-keys"}}]
    mount = next(one for one in rendered.container["volumeMounts"] if one["name"] == "keys")
    assert f"{mount['mountPath']}/" == KEYS


def test_external_keys_arrive_as_files_or_as_variables():
    files = render(chart.case("external-secrets"))
    name = files.one("ExternalSecret")["spec"]["target"]["name"]
    assert next(one for one in files.pod["spec"]["volumes"] if one["name"] == "keys")["projected"]["sources"] == [
        {"secret": {"name": name}}]  # fmt: skip
    variables = render("keys: {external: {store: vault, data: {A: {key: b}}}}")
    assert variables.container["envFrom"] == [{"secretRef": {"name": name}}]


def test_what_is_written_is_kept_digit_for_digit(tmp_path):
    document = loaded(tmp_path, render(chart.case("ha-hpa")))
    assert document.server.max_request_bytes == 26_214_400
    assert document.accounts["acme"].gateways["production"].authentication.tokens[0].expires == "2030-01-01"
    assert document.server.state.reveal() == "redis://redis.internal:6379/0"


def test_text_stays_as_it_is(tmp_path):
    text = (ROOT / "gateways.yaml").read_text().replace("default:\n", "default:\n        authentication: none\n", 1)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    for helm in chart.HELMS:
        done = chart.run(
            helm, "template", "one", str(CHART), "--set-file", f"gateways={path}", "-s", "templates/config.yaml"
        )
        assert done.stderr == ""
        assert "".join(f"    {line}\n" if line else "    \n" for line in text.rstrip("\n").split("\n")) in done.stdout
        assert done.stdout.endswith("    server:\n      drain:\n        delay: 10s\n        timeout: 5m\n")


@pytest.mark.parametrize("case", CASES)
def test_the_arguments_are_those_of_serve(case):
    container = render(chart.case(case)).container
    command, *arguments = container["args"]
    parser = ArgumentParser()
    serve.add_arguments(parser)
    parsed = parser.parse_args(arguments)
    assert (command, parsed.port) == ("serve", container["ports"][0]["containerPort"])
    assert str(parsed.config) == "/etc/gateway/config/gateways.yaml"


@pytest.mark.parametrize("case", CASES)
def test_the_chart_sets_no_variable_that_the_gateway_does_not_read(case):
    documented = (ROOT / "docs" / "reference" / "telemetry.md").read_text() + "OTEL_EXPORTER_OTLP_HEADERS POD_NAME"
    rendered = render(chart.case(case))
    own = {"HTTPS_PROXY", "COHERE_API_KEY"}  # in extraEnv
    assert [
        name for name in rendered.env.keys() - own if name not in documented and f"${{{name}}}" not in rendered.file
    ] == []


@contextlib.contextmanager
def serving(folder, text):
    """A gateway with this file: its address."""
    path = folder / "gateways.yaml"
    path.write_text(text)
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        address = next(found[0] for line in process.stderr if (found := re.search(r"http://\S+", line)))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield address
        process.kill()


def ask(address, gateway, **env):
    """What the program of `helm test` says, and how it ends."""
    _, flag, program = render().one("Pod")["spec"]["containers"][0]["command"]
    here = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    command = [sys.executable, flag, program, address, gateway]
    done = subprocess.run(command, capture_output=True, text=True, env=here | env, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_helm_test_calls_the_provider_demo(tmp_path):
    rendered = render()
    where, gateway = rendered.one("Pod")["spec"]["containers"][0]["args"]
    assert where == "http://one-gateway.ai.svc:80"
    with serving(tmp_path, rendered.file) as address:
        assert ask(address, gateway) == (0, "ready; local/default answers and streams\n")
        assert ask(address, "") == (0, "ready; no gateway reaches the provider demo, so nothing was called\n")
        code, said = ask(address, "local/missing")
    assert code == 1
    assert "says 400" in said


def test_helm_test_has_a_token_where_one_is_named(tmp_path):
    text = "accounts: {a: {gateways: {b: {authentication: {tokens: [{name: web, token: a-token-of-some-length}]}}}}}"
    with serving(tmp_path, text) as address:
        code, said = ask(address, "a/b")
        assert (code, "refuses who has no token" in said) == (0, True)
        named = {"TEST_TOKEN_ENV": "WEB_TOKEN"}
        assert ask(address, "a/b", **named, WEB_TOKEN="a-token-of-some-length") == (
            0, "ready; a/b answers and streams\n")  # fmt: skip
        code, said = ask(address, "a/b", **named, WEB_TOKEN="another")
        assert (code, "says 401" in said) == (1, True)


def test_helm_test_calls_a_gateway_that_may_reach_it():
    assert "demo" in rows.load()
    tested = {case: render(chart.case(case)).one("Pod")["spec"]["containers"][0]["args"][1] for case in CASES}
    assert tested["minimal"] == tested["ha-hpa"] == "acme/production"
    # Its only gateway may reach another provider alone; and a ConfigMap of one's own is not seen.
    assert tested["everything"] == tested["own-config"] == ""
    with_token = render(chart.case("ha-hpa")).one("Pod")["spec"]["containers"][0]
    assert {"name": "TEST_TOKEN_ENV", "value": "WEB_TOKEN"} in with_token["env"]
    assert with_token["envFrom"] == [{"secretRef": {"name": "gateway-tokens"}}]
