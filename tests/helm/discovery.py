"""How the API server of the tests says which kinds it has."""

from typing import Any

from tests.helm.resources import KINDS, group_version

Object = dict[str, Any]


def discovery(kubernetes: str, path: str) -> Object | None:
    """What says which kinds there are; None where the path is none of these."""
    if path == "/version":
        minor = kubernetes.partition(".")[2]
        return {"major": "1", "minor": minor, "gitVersion": f"v{kubernetes}.0", "platform": "linux/amd64"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = [
            {"name": group, "versions": [named], "preferredVersion": named}
            for group, version in KINDS if group
            for named in [{"groupVersion": f"{group}/{version}", "version": version}]
        ]  # fmt: skip
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    places = {(f"apis/{group}/{version}" if group else "api/v1"): (group, version) for group, version in KINDS}
    if path == "/openapi/v3":
        return {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}?hash=1"} for place in places}}
    if path.startswith("/openapi/v3/"):
        return fields_are_checked(*places[path.removeprefix("/openapi/v3/")])
    if path.strip("/") in places:
        return resources(*places[path.strip("/")])
    return None


def fields_are_checked(group: str, version: str) -> Object:
    """As little OpenAPI as tells a client that unknown fields will be refused."""
    words = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("fieldValidation", "dryRun")]
    paths = {}
    for plural, kind in KINDS[group, version].items():
        named = {"group": group, "version": version, "kind": kind}
        about = {"x-kubernetes-group-version-kind": named, "x-kubernetes-action": "patch", "responses": {}}
        paths[f"/x/{plural}/{{name}}"] = {"patch": about | {"parameters": words}}
    return {"openapi": "3.0.0", "info": {"title": "tests", "version": version}, "paths": paths}


def resources(group: str, version: str) -> Object:
    """The kinds of one group."""
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    kinds = [
        {"name": plural, "singularName": kind.lower(), "kind": kind, "namespaced": True, "verbs": verbs}
        for plural, kind in KINDS[group, version].items()
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version(group, version),
        "resources": kinds,
    }
