"""Builds and runs the image of the Dockerfile without a docker engine and without pulling: buildah, podman and runc.

The Python image that it begins with is stood in for by a Debian of the same layout, made by mmdebstrap.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from tests import world

PYTHON = "docker.io/library/python:3.11-slim-bookworm"
TAG = "localhost/gateway:test"
NEEDED = ("buildah", "podman", "runc", "mmdebstrap")
PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "http_proxy", "https_proxy", "no_proxy")
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
STORAGE = """
[storage]
driver = "overlay"
runroot = "{folder}/run"
graphroot = "{folder}/graph"
"""
CONTAINERS = """
[containers]
default_ulimits = ["nofile=8192:8192", "nproc=4096:4096"]
[engine]
runtime = "runc"
"""


def missing():
    """Why no image can be built here; empty when one can."""
    if os.geteuid() != 0:
        return "an image is built as root"
    absent = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


class Images:
    """A store of images of our own, gone afterwards."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "storage.conf").write_text(STORAGE.format(folder=folder))
        (folder / "containers.conf").write_text(CONTAINERS)
        self.environ = os.environ | {
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "BUILDAH_ISOLATION": "chroot",
        }

    def run(self, *command, check=True, within=300):
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=within, cwd=world.ROOT)
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done

    def build(self):
        """The base, unless it is there, and the Dockerfile as it stands."""
        place = self.folder / "base"
        place.mkdir()
        packages = "--include=python3,python3-venv,ca-certificates"
        self.run("mmdebstrap", "--variant=minbase", "--quiet", packages, "bookworm", str(place / "base.tar"))
        lines = ["FROM scratch", "ADD base.tar /"]
        if AUTHORITIES.exists():
            # Whoever stands between us and the packages is trusted as on this machine, in the build alone.
            shutil.copy(AUTHORITIES, place)
            lines += [f"ADD {AUTHORITIES.name} {AUTHORITIES}", f"ENV PIP_CERT={AUTHORITIES}"]
        lines += [f"ENV {name}={os.environ[name]}" for name in PASSED_ON if os.environ.get(name)]
        (place / "Dockerfile").write_text("\n".join(lines) + "\n")
        self.run("buildah", "bud", "--quiet", "--tag", PYTHON, str(place))
        self.run("buildah", "bud", "--quiet", "--pull-never", "--tag", TAG, ".", within=600)

    @contextlib.contextmanager
    def container(self, etc, *args):
        """A gateway as Kubernetes runs it: no root, nothing writable, no capability; on this machine's loopback."""
        port = world.free_port()
        options = ["--network", "host", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all"]
        options += ["--security-opt", "no-new-privileges", "--volume", f"{etc}:/etc/gateway:ro"]
        if args:
            # Several workers talk over sockets, which have their place in a small /tmp.
            options += ["--tmpfs", "/tmp:rw,size=1m"]
        serve = ["serve", "--config", "/etc/gateway/gateways.yaml", "--port", str(port), *args]
        name = f"gateway-{port}"
        self.run("podman", "run", "--detach", "--name", name, *options, TAG, *serve)
        try:
            yield Container(self, name, port)
        finally:
            self.run("podman", "rm", "--force", "--time", "5", name)

    def close(self):
        self.run("podman", "system", "reset", "--force", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Container:
    """One that runs."""

    def __init__(self, images, name, port):
        self.images, self.name, self.port = images, name, port

    def inspect(self, what):
        return self.images.run("podman", "inspect", "--format", what, self.name).stdout.strip()

    def kill(self, signal):
        self.images.run("podman", "kill", "--signal", signal, self.name)

    def wait(self):
        return int(self.images.run("podman", "wait", self.name, within=60).stdout)

    def logs(self):
        done = self.images.run("podman", "logs", self.name)
        return done.stdout, done.stderr

    def pid(self):
        return int(self.inspect("{{.State.Pid}}"))
