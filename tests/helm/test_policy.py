"""What holds for every case: how pods are secured, end, are probed, spread and told apart."""

import hashlib
import json

import pytest
import yaml

from tests.helm import chart
from tests.helm.chart import CASES, render


@pytest.fixture(params=CASES)
def rendered(request):
    return render(chart.case(request.param))


def containers(rendered):
    test = rendered.one("Pod")
    return [(rendered.pod["spec"], rendered.container), (test["spec"], test["spec"]["containers"][0])]


def test_pods_pass_pod_security_restricted(rendered):
    for pod, container in containers(rendered):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["securityContext"]["runAsUser"] > 10_000
        allowed = container["securityContext"]
        assert (allowed["allowPrivilegeEscalation"], allowed["readOnlyRootFilesystem"]) == (False, True)
        assert allowed["capabilities"] == {"drop": ["ALL"]}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert not any("hostPath" in volume for volume in pod.get("volumes", []))


def test_pods_have_no_token_of_the_cluster_and_no_names_of_its_services(rendered):
    for pod, _ in containers(rendered):
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert all(one["automountServiceAccountToken"] is False for one in rendered.all("ServiceAccount"))
    assert not [one for one in rendered.objects if "Role" in one["kind"]]


def test_memory_is_limited_and_cpu_is_not_throttled(rendered):
    for _, container in containers(rendered):
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"].keys() == {"memory"}


def test_no_image_moves(rendered):
    for _, container in containers(rendered):
        assert ":" in container["image"]
        assert not container["image"].endswith(":latest")


def test_probes_ask_the_gateway_alone_and_say_how_long_they_wait(rendered):
    probes = {kind: rendered.container.get(f"{kind}Probe") for kind in ("startup", "readiness", "liveness")}
    assert probes["readiness"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert probes["liveness"]["httpGet"] == {"path": "/healthz", "port": "http"}
    for probe in filter(None, probes.values()):
        assert {"periodSeconds", "failureThreshold", "timeoutSeconds"} <= probe.keys()


def test_the_configuration_is_a_folder_so_that_edits_arrive(rendered):
    mounts = {mount["name"]: mount for mount in rendered.container["volumeMounts"]}
    assert mounts["config"] == {"name": "config", "mountPath": "/etc/gateway/config", "readOnly": True}
    assert not any("subPath" in mount for mount in mounts.values())
    assert "/etc/gateway/config/gateways.yaml" in rendered.container["args"]


def test_selectors_agree_and_are_told_apart_from_the_test(rendered):
    labels, selector = rendered.pod["metadata"]["labels"], rendered.one("Deployment")["spec"]["selector"]["matchLabels"]
    assert selector.keys() == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
    assert rendered.one("Service")["spec"]["selector"] == selector
    for kind, key in (
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
        ("ServiceMonitor", "selector"),
    ):
        assert all(one["spec"][key] == {"matchLabels": selector} for one in rendered.all(kind))
    for constraint in rendered.pod["spec"].get("topologySpreadConstraints", []):
        assert constraint["labelSelector"] == {"matchLabels": selector}
    assert selector.items() <= labels.items()
    assert not selector.items() <= rendered.one("Pod")["metadata"]["labels"].items()


def test_everything_is_labelled_and_says_where_it_belongs(rendered):
    for one in rendered.objects:
        if not one["metadata"]["name"].endswith(("-extra", "-text")):
            assert one["metadata"]["namespace"] == "ai"
            assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == "one"


def test_autoscaling_alone_decides_how_many_there_are(rendered):
    scalers = rendered.all("HorizontalPodAutoscaler") + rendered.all("ScaledObject")
    assert len(scalers) <= 1
    assert ("replicas" in rendered.one("Deployment")["spec"]) is not bool(scalers)
    for scaler in scalers:
        assert scaler["spec"]["scaleTargetRef"]["name"] == rendered.one("Deployment")["metadata"]["name"]


def test_no_object_holds_a_secret(rendered):
    assert not [one for one in rendered.all("Secret") if one.get("data") or one.get("stringData")]
    keys = [name for name, value in rendered.env.items() if name.endswith(("_KEY", "_URL", "_HEADERS", "_TOKEN"))
            and isinstance(value, str)]  # fmt: skip
    assert not keys


def test_only_calls_come_in_from_outside(rendered):
    for ingress in rendered.all("Ingress"):
        paths = [path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
        assert {(path["path"], path["pathType"]) for path in paths} == {("/v1/", "Prefix")}
    for route in rendered.all("HTTPRoute"):
        (rule,) = route["spec"]["rules"]
        assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/v1/"}}]
        assert rule["timeouts"]["request"] == "0s"


def test_a_single_pod_has_no_budget_that_would_block_its_node():
    assert not render("replicas: 1").all("PodDisruptionBudget")
    assert render("replicas: 2").one("PodDisruptionBudget")["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert not render("podDisruptionBudget: {enabled: false}").all("PodDisruptionBudget")


def test_rolling_keeps_all_pods_until_new_ones_are_ready():
    spec = render().one("Deployment")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert spec["minReadySeconds"] > 0


def one_gateway(name, **values):
    gateways = {"accounts": {"acme": {"gateways": {name: {"authentication": "none"}}}}}
    return yaml.safe_dump({"gateways": gateways, **values})


def test_an_edit_changes_the_pods_only_where_that_is_asked_for():
    assert render(one_gateway("a")).pod == render(one_gateway("b")).pod
    first, second = (render(one_gateway(name, rollOnConfigChange=True)) for name in "ab")
    assert (
        first.pod["metadata"]["annotations"]["checksum/config"]
        == hashlib.sha256(first.file.rstrip("\n").encode()).hexdigest()
    )
    assert first.pod != second.pod
    assert render(one_gateway("a", rollOnConfigChange=True, replicas=5)).pod == first.pod


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ("{}", 10 + 300 + 15),
        ("shutdown: {delay: 0s, timeout: 1h}", 3600 + 15),
        ("shutdown: {delay: 250ms, timeout: 1.5m}", 1 + 90 + 15),
        ("gateways: {server: {drain: 45s}, accounts: {a: {gateways: {b: {authentication: none}}}}}", 45 + 15),
        (
            "gateways: {server: {drain: {timeout: 1m}}, accounts: {a: {gateways: {b: {authentication: none}}}}}",
            10 + 60 + 15,
        ),
        ("gateways: {server: {drain: 0}, accounts: {a: {gateways: {b: {authentication: none}}}}}", 15),
        ("gateways: 'server: {drain: {delay: 3s, timeout: 7s}}'", 3 + 7 + 15),
        ("configMap: mine", 10 + 300 + 15),
    ],
)
def test_the_grace_period_is_the_drain_and_a_margin(values, seconds):
    assert render(values).pod["spec"]["terminationGracePeriodSeconds"] == seconds


def test_who_has_other_rules_can_replace_the_security_context():
    pod = render("podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}").pod["spec"]
    assert json.dumps(pod["securityContext"], sort_keys=True) == (
        '{"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}'
    )
