"""The chart as helm sees it: rendered, linted, refused; and objects as Kubernetes sees them."""

import functools
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.helm import fetch

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm"
CASES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
HELMS = sorted(fetch.HELMS)
CUSTOM = {"ExternalSecret", "HTTPRoute", "PrometheusRule", "ScaledObject", "ServiceMonitor"}

Object = dict[str, Any]


def run(helm: str, *arguments: str, values: str = "", env: dict[str, str] | None = None):
    """A run of helm; `values` come by standard input."""
    command = [str(fetch.FOLDER / helm), *arguments, *(["--values", "-"] if values else [])]
    mine = {"PATH": "/usr/bin:/bin", "HOME": str(fetch.FOLDER / "home"), **(env or {})}
    return subprocess.run(command, input=values, capture_output=True, text=True, timeout=60, env=mine)


def write_kubeconfig(folder: Path, server: Object, user: Object | None = None) -> None:
    """Where helm finds a cluster, and who it is there; see `at`."""
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "here", "cluster": server}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "users": [{"name": "me", "user": user or {}}],
    }  # fmt: skip
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))


def at(folder: Path) -> dict[str, str]:
    """The environment in which helm uses the folder's kubeconfig."""
    return {"KUBECONFIG": str(folder / "kubeconfig"), "HOME": str(folder)}


@functools.cache
def template(helm: str, values: str, kubernetes: str = "1.34.0", release: str = "one") -> str:
    """What helm makes of the chart with these values."""
    done = run(
        helm, "template", release, str(CHART), "--namespace", "ai", "--kube-version", kubernetes, values=values or "{}"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@functools.cache
def notes(values: str, helm: str = "helm4") -> str:
    """What helm says after an installation with these values."""
    arguments = ("install", "one", str(CHART), "--namespace", "ai", "--dry-run=client")
    done = run("helm4", *arguments, values=values or "{}")
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("NOTES:\n")[2]


def refusal(helm: str, values: str) -> str:
    """Why helm refuses these values; empty where it does not."""
    done = run(helm, "template", "one", str(CHART), values=values)
    return done.stderr if done.returncode else ""


def case(name: str) -> str:
    """The values of ci/NAME-values.yaml."""
    return (CHART / "ci" / f"{name}-values.yaml").read_text()


@dataclass
class Rendered:
    """The objects of a release, by kind and name."""

    objects: list[Object]

    def all(self, kind: str) -> list[Object]:
        """Those of a kind."""
        return [one for one in self.objects if one["kind"] == kind]

    def one(self, kind: str, name: str = "") -> Object:
        """The only one of a kind, or the one whose name ends so."""
        (found,) = [one for one in self.all(kind) if one["metadata"]["name"].endswith(name)]
        return found

    @property
    def pod(self) -> Object:
        """The Deployment's pods."""
        return self.one("Deployment")["spec"]["template"]

    @property
    def container(self) -> Object:
        """The gateway's container."""
        return next(one for one in self.pod["spec"]["containers"] if one["name"] == "gateway")

    @property
    def file(self) -> str:
        """gateways.yaml."""
        return self.one("ConfigMap", "-config")["data"]["gateways.yaml"]

    @property
    def env(self) -> dict[str, Any]:
        """The container's environment; what comes from elsewhere as it is written."""
        return {one["name"]: one.get("value", one.get("valueFrom")) for one in self.container["env"]}


def render(values: str = "", helm: str = "helm4", release: str = "one") -> Rendered:
    """The objects that helm makes of the chart with these values."""
    return Rendered([one for one in yaml.safe_load_all(template(helm, values, release=release)) if one])


@functools.cache
def schemas(version: str) -> dict[str, Any]:
    """Kubernetes' strict schemas of the kinds that the chart makes, with what they refer to."""
    return json.loads((fetch.FOLDER / "kubernetes" / f"{version}.json").read_text())


@functools.cache
def schema(version: str, kind: str) -> jsonschema.Draft202012Validator | None:
    """The schema of a kind, or None where that version has none."""
    found = schemas(version)["kinds"].get(kind)
    whole = found and {**found, "$defs": schemas(version)["$defs"]}
    return whole and jsonschema.Draft202012Validator(whole)


def objections(version: str, one: Object) -> list[str]:
    """What a version of Kubernetes has against an object, each with its path."""
    group, _, of = one["apiVersion"].rpartition("/")
    name = "-".join(part for part in (one["kind"].lower(), group.partition(".")[0], of) if part)
    validator = schema(version, name)
    if validator is None:
        return [f"{one['kind']} of {one['apiVersion']} is not in {version}"]
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(one)]
