"""What the API server of the tests knows: its kinds, selectors, merges, and what becomes of an object it takes."""

import copy
import re
import time
import uuid
from typing import Any

Object = dict[str, Any]

KINDS: dict[tuple[str, str], dict[str, str]] = {
    ("", "v1"): {
        "configmaps": "ConfigMap", "events": "Event", "pods": "Pod", "secrets": "Secret", "services": "Service",
        "serviceaccounts": "ServiceAccount",
    },
    ("apps", "v1"): {"deployments": "Deployment", "replicasets": "ReplicaSet"},
    ("policy", "v1"): {"poddisruptionbudgets": "PodDisruptionBudget"},
    ("autoscaling", "v2"): {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    ("networking.k8s.io", "v1"): {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"},
    ("gateway.networking.k8s.io", "v1"): {"httproutes": "HTTPRoute"},
    ("monitoring.coreos.com", "v1"): {"prometheusrules": "PrometheusRule", "servicemonitors": "ServiceMonitor"},
    ("keda.sh", "v1alpha1"): {"scaledobjects": "ScaledObject"},
    ("external-secrets.io", "v1"): {"externalsecrets": "ExternalSecret"},
}  # fmt: skip
KEPT = ("uid", "creationTimestamp", "generation", "resourceVersion")
IMMUTABLE = {"Deployment": ("spec", "selector"), "Secret": ("type",)}


def group_version(group: str, version: str) -> str:
    """As in apiVersion."""
    return f"{group}/{version}" if group else version


def selected(one: Object, labels: str, fields: str) -> bool:
    """Whether an object is among those that a list asks for."""
    if fields.startswith("metadata.name=") and one["metadata"]["name"] != fields.removeprefix("metadata.name="):
        return False
    found = one["metadata"].get("labels") or {}
    return all(holds(found, term) for term in re.split(r",(?![^(]*\))", labels) if term)


def holds(labels: dict[str, str], term: str) -> bool:
    """One term of a label selector."""
    if several := re.fullmatch(r"(\S+)\s+(not)?in\s*\((.*)\)", term):
        inside = labels.get(several[1]) in [one.strip() for one in several[3].split(",")]
        return inside is not bool(several[2])
    if pair := re.fullmatch(r"([^=!]+)(!=|==?)(.*)", term):
        return (labels.get(pair[1]) == pair[3]) is (pair[2] != "!=")
    return (term.removeprefix("!") in labels) is not term.startswith("!")


def merged(old: Any, patch: Any) -> Any:
    """A strategic merge as far as helm needs it: mappings are joined, lists of named things by name."""
    if not isinstance(old, dict) or not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(old)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, list) and named(value) and named(result.get(key)):
            result[key] = by_name(result[key], value)
        elif not key.startswith("$"):
            result[key] = merged(result.get(key), value)
    return result


def named(value: Any) -> bool:
    """Whether it is a list of things with names."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)


def by_name(old: list[Object], patch: list[Object]) -> list[Object]:
    """A list of named things, each patched."""
    found = {one["name"]: one for one in old}
    for one in patch:
        if one.get("$patch") == "delete":
            found.pop(one["name"], None)
        else:
            found[one["name"]] = merged(found.get(one["name"], {}), one)
    return list(found.values())


def changed_for_ever(old: Object, new: Object) -> str:
    """The field that can never change and was changed."""
    path = IMMUTABLE.get(old["kind"])
    if path and reach(old, path) != reach(new, path):
        return f"{'.'.join(path)}: Invalid value: field is immutable"
    return ""


def reach(one: Any, path: tuple[str, ...]) -> Any:
    """A value by its path."""
    for key in path:
        one = one.get(key) if isinstance(one, dict) else None
    return one


def taken(one: Object, number: int) -> None:
    """Give an object what a cluster gives it; its pods are ready, and tests succeed, at once."""
    about = one["metadata"]
    about["resourceVersion"] = str(number)
    about.setdefault("uid", str(uuid.uuid4()))
    about.setdefault("creationTimestamp", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    about["generation"] = about.get("generation", 0) + 1
    if one["kind"] in ("Deployment", "ReplicaSet"):
        replicas = one["spec"].setdefault("replicas", 1)
        ready = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), replicas)
        conditions = [
            {"type": "Available", "status": "True"},
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
        ]
        one["status"] = {"observedGeneration": about["generation"], **ready, "conditions": conditions}
    elif one["kind"] == "Pod":
        done = {"type": "Ready", "status": "True", "reason": "PodCompleted"}
        one["status"] = {"phase": "Succeeded", "conditions": [done]}
    elif one["kind"] == "Service":
        one["spec"].setdefault("clusterIP", "10.96.0.10")
    elif one["kind"] == "PodDisruptionBudget":
        sound = {"currentHealthy": 1, "desiredHealthy": 0, "disruptionsAllowed": 1, "expectedPods": 1}
        one["status"] = {"observedGeneration": about["generation"], **sound}


def replica_set(deployment: Object) -> Object:
    """What the controller makes of a Deployment, which helm 3 waits for."""
    about, spec = deployment["metadata"], deployment["spec"]
    owner = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": about["name"],
        "uid": about["uid"],
        "controller": True,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{about['name']}-{about['generation']}",
            "namespace": about["namespace"],
            "labels": spec["template"]["metadata"]["labels"],
            "annotations": {"deployment.kubernetes.io/revision": str(about["generation"])},
            "ownerReferences": [owner],
        },
        "spec": {key: spec[key] for key in ("replicas", "selector", "template")},
    }
