"""A Kubernetes API in memory, strict about what it takes, for the real helm to install into; on loopback only."""

import contextlib
import copy
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from tests.helm import protobuf
from tests.helm.discovery import discovery
from tests.helm.resources import KEPT, KINDS, changed_for_ever, group_version, merged, replica_set, selected, taken

Object = dict[str, Any]
Key = tuple[str, str, str, str]
PATH = re.compile(
    r"(?:/api/(?P<plain>v1)|/apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+))?(?:/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?(?:/(?P<part>[a-z]+))?)?"
)


class Refused(Exception):  # noqa: N818 - an answer on its way to the client
    """An answer that is a failure."""

    def __init__(self, code: int, reason: str, sentence: str) -> None:
        self.code = code
        self.body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
        self.body |= {"reason": reason, "message": sentence}


@dataclass
class Asked:
    """One request, its path taken apart."""

    method: str
    path: str
    query: dict[str, str]
    kind_of_body: str
    raw: bytes
    group: str = ""
    version: str = ""
    namespace: str = ""
    plural: str = ""
    name: str = ""
    part: str = ""

    @property
    def kind(self) -> str:
        """What the plural names."""
        return KINDS[self.group, self.version][self.plural]

    def body(self) -> Object:
        """The object that was sent."""
        return protobuf.secret(self.raw) if self.raw.startswith(protobuf.MAGIC) else yaml.safe_load(self.raw)


@dataclass
class Cluster:
    """The objects there are, and whatever `objections` has against one."""

    version: str
    objections: Callable[[Object], list[str]]
    objects: dict[Key, Object] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(100))
    number: int = 100
    lock: threading.RLock = field(default_factory=threading.RLock)

    def kinds(self) -> list[str]:
        """The kinds of all objects but helm's own."""
        return sorted(one["kind"] for one in self.objects.values() if one.get("type") != "helm.sh/release.v1")

    def get(self, asked: Asked) -> Object:
        """An object, or a list of them."""
        if asked.name:
            return self.found(asked)
        items = list(self.matching(asked).values())
        version = group_version(asked.group, asked.version)
        about = {"resourceVersion": str(self.number)}
        return {"kind": f"{asked.kind}List", "apiVersion": version, "metadata": about, "items": items}

    def matching(self, asked: Asked) -> dict[Key, Object]:
        """Those that a list or a watch asks for."""
        where = (asked.group, asked.plural)
        labels, fields = asked.query.get("labelSelector", ""), asked.query.get("fieldSelector", "")
        return {
            key: one for key, one in self.objects.items()
            if key[:2] == where and asked.namespace in ("", key[2]) and selected(one, labels, fields)
        }  # fmt: skip

    def key(self, asked: Asked, name: str) -> Key:
        """Where an object is kept."""
        return (asked.group, asked.plural, asked.namespace, name)

    def found(self, asked: Asked) -> Object:
        """The object that is named; raises Refused."""
        try:
            return self.objects[self.key(asked, asked.name)]
        except KeyError:
            raise Refused(404, "NotFound", f'{asked.plural} "{asked.name}" not found') from None

    def delete(self, asked: Asked) -> Object:
        """Remove an object, and what belongs to it."""
        gone = self.found(asked)
        for key, one in list(self.objects.items()):
            owners = one["metadata"].get("ownerReferences", [])
            if one is gone or any(owner["uid"] == gone["metadata"]["uid"] for owner in owners):
                del self.objects[key]
        self.number = next(self.numbers)
        return {"kind": "Status", "apiVersion": "v1", "status": "Success"}

    def write(self, asked: Asked) -> Object:
        """Create, replace, apply or patch an object."""
        body = asked.body()
        old = self.objects.get(self.key(asked, asked.name or body["metadata"]["name"]))
        new = self.written(asked, body, old)
        if old and (reason := changed_for_ever(old, new)):
            raise Refused(422, "Invalid", f'{new["kind"]} "{new["metadata"]["name"]}" is invalid: {reason}')
        if reasons := self.objections({key: value for key, value in new.items() if key != "status"}):
            raise Refused(422, "Invalid", f'{new["kind"]} "{new["metadata"]["name"]}" is invalid: {"; ".join(reasons)}')
        if not asked.query.get("dryRun"):
            self.keep(asked, new)
        return new

    def written(self, asked: Asked, body: Object, old: Object | None) -> Object:
        """What an object would be after a request."""
        if asked.method == "POST" and old:
            raise Refused(409, "AlreadyExists", f'{asked.plural} "{old["metadata"]["name"]}" already exists')
        if asked.method == "PATCH" and "apply" not in asked.kind_of_body:
            return merged(self.found(asked), body)
        new = copy.deepcopy(body)
        if old:
            new["metadata"] = {key: old["metadata"][key] for key in KEPT} | new["metadata"]
        return new

    def keep(self, asked: Asked, new: Object) -> None:
        """Put an object into the cluster, and what its controller makes of it."""
        new["metadata"]["namespace"] = asked.namespace
        self.number = next(self.numbers)
        taken(new, self.number)
        self.objects[self.key(asked, new["metadata"]["name"])] = new
        if new["kind"] == "Deployment":
            made = replica_set(new)
            taken(made, self.number)
            self.objects["apps", "replicasets", asked.namespace, made["metadata"]["name"]] = made

    def changes(self, asked: Asked, known: dict[Key, Object]) -> Iterator[tuple[str, Object]]:
        """What has changed since `known`, which is brought up to date."""
        now = self.matching(asked)
        for key in known.keys() - now.keys():
            yield "DELETED", known.pop(key)
        for key, one in now.items():
            before = known.get(key)
            known[key] = copy.deepcopy(one)
            if before is None or before["metadata"]["resourceVersion"] != one["metadata"]["resourceVersion"]:
                yield ("MODIFIED" if before else "ADDED"), one


class Answers(BaseHTTPRequestHandler):
    """HTTP before a cluster."""

    protocol_version = "HTTP/1.1"
    cluster: Cluster

    def log_message(self, *arguments: object) -> None:
        pass

    def asked(self) -> Asked:
        """The request, taken apart."""
        split = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        return Asked(self.command, split.path.rstrip("/"), query, self.headers.get("content-type", ""), raw)

    def answer(self) -> None:
        """Serve one request."""
        asked = self.asked()
        try:
            if (told := discovery(self.cluster.version, asked.path)) is not None:
                return self.say(200, told)
            self.place(asked)
            if asked.part == "log":
                return self.say(200, None)
            if asked.query.get("watch") in ("true", "1"):
                return self.watch(asked)
            methods = {"GET": self.cluster.get, "DELETE": self.cluster.delete}
            with self.cluster.lock:
                result = copy.deepcopy(methods.get(asked.method, self.cluster.write)(asked))
            return self.say(201 if asked.method == "POST" else 200, result)
        except Refused as refused:
            return self.say(refused.code, refused.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the server's names

    def place(self, asked: Asked) -> None:
        """Which kind and object a request is about; raises Refused."""
        parts = PATH.fullmatch(asked.path)
        if parts:
            asked.group, asked.version = parts["group"] or "", parts["plain"] or parts["version"]
            asked.namespace, asked.plural = parts["namespace"] or "", parts["plural"] or ""
            asked.name, asked.part = parts["name"] or "", parts["part"] or ""
        if not parts or asked.plural not in KINDS.get((asked.group, asked.version), {}):
            raise Refused(404, "NotFound", f"not served: {asked.path}")

    def say(self, code: int, body: Object | None) -> None:
        """Send an answer; None is what a test's pod has written."""
        self.cluster.history.append(f"{self.command} {self.path} {code}")
        raw = b"ready\n" if body is None else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-type", "text/plain" if body is None else "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def watch(self, asked: Asked) -> None:
        """Send events until the client has enough; from the beginning, or from the list it has seen."""
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        initial = asked.query.get("sendInitialEvents") == "true"
        since = 0 if initial else int(asked.query.get("resourceVersion") or 0)
        known: dict[Key, Object] = {}
        end = time.monotonic() + min(int(asked.query.get("timeoutSeconds", 20)), 20)
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                with self.cluster.lock:
                    events = [
                        (kind, copy.deepcopy(one)) for kind, one in self.cluster.changes(asked, known)
                        if kind == "DELETED" or int(one["metadata"]["resourceVersion"]) > since
                    ]  # fmt: skip
                    if initial:
                        about = {"resourceVersion": str(self.cluster.number)}
                        about |= {"annotations": {"k8s.io/initial-events-end": "true"}}
                        version = group_version(asked.group, asked.version)
                        events.append(("BOOKMARK", {"kind": asked.kind, "apiVersion": version, "metadata": about}))
                        initial = False
                for kind, one in events:
                    raw = json.dumps({"type": kind, "object": one}).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw))
                time.sleep(0.05)
            self.wfile.write(b"0\r\n\r\n")


@contextlib.contextmanager
def serving(cluster: Cluster) -> Iterator[str]:
    """The cluster on a free port of loopback: its URL."""
    answers = type("Bound", (Answers,), {"cluster": cluster})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
