"""What the schema takes and refuses, on both helms alike, with the key's path; and values that cannot go together."""

import json

import jsonschema
import pytest
import yaml

from tests.helm import chart
from tests.helm.chart import HELMS

GATEWAY = "gateways: {accounts: {acme: {gateways: {production: {authentication: none, %s}}}}}"
BLOCK = "/gateways/accounts/acme/gateways/production"

GOOD = [
    "global: {anything: 1}",
    "replicas: 0",
    "gateways: {}",
    "gateways: null",
    "probes: {liveness: null}",
    "probes: {readiness: {initialDelaySeconds: 3}}",
    "podDisruptionBudget: {maxUnavailable: 50%}",
    "podDisruptionBudget: {maxUnavailable: 2}",
    "resources: {limits: {memory: 2Gi, nvidia.com/gpu: 1}}",
    "image: {tag: '1.10'}",
    "image: {repository: 'registry.example.com:5000/a/b'}",
    "shutdown: {delay: 0s, timeout: 1.5h}",
    "extraObjects: ['kind: Nothing']",
    "securityContext: {privileged: null, runAsUser: 1000}",
    GATEWAY % "timeout: {connect: 10.05s}",
    GATEWAY % "timeout: {connect: '${CONNECT}'}",
    GATEWAY % "keys: {openai: [a, b], anthropic: {default: '${A}'}}",
    GATEWAY % "rate_limit: [{requests: 5, per: 1m}, {concurrent: 3}]",
    GATEWAY % "retry: {attempts: 3}",
]

BAD = [
    ("replicaCount: 3", "", "replicaCount"),
    ("replicas: '3'", "/replicas", ""),
    ("replicas: -1", "/replicas", ""),
    ("workers: 0", "/workers", ""),
    ("image: {tag: 1.10}", "/image/tag", ""),
    ("image: {digest: 'md5:00'}", "/image/digest", ""),
    ("image: {repository: 'A B'}", "/image/repository", ""),
    ("shutdown: {timeout: 300}", "/shutdown/timeout", ""),
    ("shutdown: {timeout: forever}", "/shutdown/timeout", ""),
    ("shutdown: {grace: 30s}", "/shutdown", "grace"),
    ("autoscaling: {by: both}", "/autoscaling/by", ""),
    ("autoscaling: {by: hpa, metric: cpu}", "/autoscaling/metric", ""),
    ("probes: {readines: {}}", "/probes", "readines"),
    ("probes: {readiness: {periodSecond: 3}}", "/probes/readiness", "periodSecond"),
    ("resources: {limit: {}}", "/resources", "limit"),
    ("resources: {limits: {memory: 12Zb}}", "/resources/limits/memory", ""),
    ("podDisruptionBudget: {maxUnavailable: half}", "/podDisruptionBudget/maxUnavailable", ""),
    ("podDisruptionBudget: {maxUnavailable: 0}", "/podDisruptionBudget/maxUnavailable", ""),
    ("keys: {env: [{name: a}]}", "/keys/env/0", ""),
    ("keys: {external: {data: {A: {name: b}}, store: s}}", "/keys/external/data/A", ""),
    ("otlp: {endpoint: 'collector:4318'}", "/otlp/endpoint", ""),
    ("otlp: {attributes: {team: 'a,b'}}", "/otlp/attributes/team", ""),
    ("otlp: {sample: 2}", "/otlp/sample", ""),
    ("extraEnv: [{name: A, valeu: b}]", "/extraEnv/0", "valeu"),
    ("httpRoute: {enabled: true, parentRefs: [{nam: public}]}", "/httpRoute/parentRefs/0", "nam"),
    ("service: {port: 70000}", "/service/port", ""),
    ("topologySpread: true", "/topologySpread", ""),
    ("host: localhost", "/host", ""),
    ("gateways: [a]", "/gateways", ""),
    ("gateways: {acounts: {}}", "/gateways", "acounts"),
    (GATEWAY % "cach: {}", BLOCK, "cach"),
    (GATEWAY % "timeout: {connect: 0s}", f"{BLOCK}/timeout/connect", ""),
    (GATEWAY % "timeout: {connect: 5}", f"{BLOCK}/timeout/connect", ""),
    (GATEWAY % "client_keys: never", f"{BLOCK}/client_keys", ""),
    (GATEWAY % "logs: {payload: 'yes'}", f"{BLOCK}/logs/payload", ""),
    (
        "gateways: {server: {drian: 30s}, accounts: {a: {gateways: {b: {authentication: none}}}}}",
        "/gateways/server",
        "drian",
    ),
]

IMPOSSIBLE = [
    (
        "{gateways: {accounts: {a: {gateways: {b: {authentication: none}}}}, server: {drain: '${DRAIN}'}}}",
        "server.drain",
    ),
    ("{gateways: {accounts: {a: {gateways: {b: {}}}}}}", "gateway a/b has no authentication"),
    ("{configMap: mine, gateways: {accounts: {a: {gateways: {b: {authentication: none}}}}}}", "exclude each other"),
    ("autoscaling: {by: keda}", "autoscaling.prometheus"),
    ("autoscaling: {by: hpa, min: 5, max: 3}", "autoscaling.min is above autoscaling.max"),
    ("{autoscaling: {by: hpa, cpu: 80}, resources: {requests: null}}", "resources.requests.cpu"),
    ("httpRoute: {enabled: true}", "httpRoute.parentRefs"),
    ("ingress: {enabled: true}", "ingress.hosts"),
    ("keys: {external: {data: {A: {key: b}}}}", "keys.external.store"),
    ("otlp: {headersSecret: a}", "otlp.endpoint"),
    ("podDisruptionBudget: {maxUnavailable: 0%}", "would block every drain"),
    ("testGateway: a/b", "testGateway a/b is not in gateways"),
    ("gateways: 'a: {'", "gateways is not YAML"),
    ("gateways: 'server: {memory: 1MiB}'", 'add `drain: {"delay":"10s","timeout":"5m"}` to it'),
    ("{redis: {secret: r}, gateways: 'server: {drain: 30s}'}", 'add `state: "${REDIS_URL}"` to it'),
]


def together(every):
    """Few values that hold all of these, since each run of helm takes a while: which rows, and their values."""
    groups = []
    for row, values in enumerate(map(yaml.safe_load, every)):
        for rows, joined in groups:
            if (both := union(joined, values)) is not None:
                joined.update(both)
                rows.append(row)
                break
        else:
            groups.append(([row], values))
    return groups


def union(one, other):
    """Both mappings in one, or None where they differ about a key."""
    result = dict(one)
    for key, value in other.items():
        if key not in one:
            result[key] = value
        elif isinstance(value, dict) and isinstance(one[key], dict) and value and one[key]:
            result[key] = union(one[key], value)
        elif value != one[key] or isinstance(value, dict):
            return None
        if result[key] is None and value is not None:
            return None
    return result


@pytest.mark.parametrize("helm", HELMS)
def test_good_values_are_taken(helm):
    reasons = [chart.refusal(helm, yaml.safe_dump(values)) for _, values in together(GOOD)]
    assert 1 < len(reasons) < len(GOOD) / 2
    assert set(reasons) == {""}


@pytest.mark.parametrize("helm", HELMS)
def test_bad_values_are_refused_with_the_keys_path(helm):
    for rows, values in together([values for values, _, _ in BAD]):
        said = chart.refusal(helm, yaml.safe_dump(values)).splitlines()
        for bad, path, word in (BAD[row] for row in rows):
            assert any(f"at '{path}'" in line and word in line for line in said), bad


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(("values", "sentence"), IMPOSSIBLE, ids=[sentence for _, sentence in IMPOSSIBLE])
def test_what_cannot_go_together_is_refused_with_a_sentence(helm, values, sentence):
    assert sentence in chart.refusal(helm, values)


def test_a_kubernetes_that_is_too_old_is_refused():
    done = chart.run("helm4", "template", "one", str(chart.CHART), "--kube-version", "1.26.0")
    assert "incompatible with Kubernetes" in done.stderr


def test_the_defaults_are_good_and_every_mapping_is_closed():
    schema = json.loads((chart.CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    values = yaml.safe_load((chart.CHART / "values.yaml").read_text())
    jsonschema.Draft7Validator(schema).validate(values)
    assert open_mappings(schema, values, "") == FREE


FREE = ["affinity", "autoscaling.behavior", "podSecurityContext", "securityContext", "strategy"]


def open_mappings(schema, values, path):
    """Where unknown keys are taken."""
    found = []
    for key, block in schema.get("properties", {}).items():
        kinds = block.get("type")
        if kinds == "object" and not isinstance(block.get("additionalProperties"), dict) and key != "global":
            here = f"{path}{key}"
            found += open_mappings(block, values, f"{here}.") if block.get("additionalProperties") is False else [here]
    return sorted(found)
