"""A real API server with a real etcd, built by `make cluster`: no kubelet and no controllers, so no pod ever runs."""

import contextlib
import json
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.helm.chart import CUSTOM, ROOT, write_kubeconfig
from tests.world import free_port

FOLDER: Final = ROOT / ".cluster"
TOKEN: Final = "a-token-of-this-test-alone"
PLURALS: Final = {
    "ExternalSecret": "external-secrets.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}
"""The custom kinds that the chart makes; their plural is their name with an s."""
assert set(PLURALS) == CUSTOM


def missing() -> str:
    """Why there is no cluster to try, in a sentence; empty when there is one."""
    if not all((FOLDER / name).exists() for name in ("etcd", "kube-apiserver")):
        return "there is no API server here: `make cluster` builds one (Go, some minutes)"
    return "" if shutil.which("openssl") else "openssl is not here"


class Cluster:
    """One API server, asked as its administrator."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url, self.folder = f"https://127.0.0.1:{port}", folder
        write_kubeconfig(folder, {"server": self.url, "insecure-skip-tls-verify": True}, {"token": TOKEN})

    def __call__(self, path: str, body: Any = None) -> Any:
        """The parsed answer; also of a refusal, which Kubernetes puts in a Status."""
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        )
        # It makes a certificate of its own at its start.
        trusting = ssl._create_unverified_context()
        try:
            with urllib.request.urlopen(request, timeout=20, context=trusting) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            text = error.read()
        return json.loads(text) if text[:1] == b"{" else text.decode()

    def ready(self) -> bool:
        """Whether it serves."""
        with contextlib.suppress(OSError):
            return self("/readyz") == "ok"
        return False

    def names(self, path: str) -> list[str]:
        """What there is of a resource, but for what a cluster has of its own."""
        found = [one["metadata"]["name"] for one in self(path)["items"]]
        return sorted(name for name in found if not name.startswith("kube-"))

    def define(self) -> None:
        """Let it know the custom kinds that the chart makes; of any shape, as their schemas are tried elsewhere."""
        for kind, version in PLURALS.items():
            group, _, name = version.partition("/")
            plural = f"{kind.lower()}s"
            shape = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            served = {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": shape}}
            spec = {"group": group, "scope": "Namespaced", "versions": [served]}
            body = {
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {"name": f"{plural}.{group}"},
                "spec": {**spec, "names": {"kind": kind, "plural": plural, "singular": kind.lower()}},
            }  # fmt: skip
            # Their groups are Kubernetes' own in part, and guarded.
            body["metadata"]["annotations"] = {
                "api-approved.kubernetes.io": "https://github.com/kubernetes/enhancements"
            }
            made = self("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body)
            assert made["kind"] == "CustomResourceDefinition", made
            while "items" not in self(f"/apis/{version}/namespaces/default/{plural}"):
                time.sleep(0.1)

    def rank(self, name: str) -> None:
        """A priority class, which pods may only name where it is."""
        made = self("/apis/scheduling.k8s.io/v1/priorityclasses", {"metadata": {"name": name}, "value": 1000})
        assert made["kind"] == "PriorityClass", made

    def namespace(self, name: str) -> None:
        """A namespace that takes only pods without rights."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        made = self("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
        assert made["kind"] == "Namespace", made


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """A cluster of one API server; what it says is in `folder`."""
    etcd, peers, port = free_port(), free_port(), free_port()
    subprocess.run(["openssl", "genrsa", "-out", "sa.key", "2048"], cwd=folder, check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    store = (
        f"--data-dir={folder}/etcd", f"--listen-client-urls=http://127.0.0.1:{etcd}",
        f"--advertise-client-urls=http://127.0.0.1:{etcd}", f"--listen-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-cluster=default=http://127.0.0.1:{peers}",
    )  # fmt: skip
    serve = (
        f"--etcd-servers=http://127.0.0.1:{etcd}", f"--cert-dir={folder}/certs", f"--secure-port={port}",
        "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
        "--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=sa.key",
        "--service-account-signing-key-file=sa.key", "--token-auth-file=tokens.csv", "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16", "--disable-admission-plugins=ServiceAccount",
    )  # fmt: skip
    with process(folder, "etcd", store), process(folder, "kube-apiserver", serve) as server:
        cluster, until = Cluster(folder, port), time.monotonic() + 90
        while not cluster.ready():
            assert server.poll() is None, (folder / "kube-apiserver.txt").read_text()[-2000:]
            assert time.monotonic() < until, "the API server does not become ready"
            time.sleep(0.3)
        cluster.define()
        cluster.rank("important")
        yield cluster


@contextlib.contextmanager
def process(folder: Path, name: str, arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """One of the two programs, until the end."""
    with (folder / f"{name}.txt").open("wb") as said:
        one = subprocess.Popen([str(FOLDER / name), *arguments], cwd=folder, stdout=said, stderr=said)
        try:
            yield one
        finally:
            one.terminate()
            one.wait(30)
