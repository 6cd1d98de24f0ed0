"""A release from its installation to its end, by the real helm 3 and 4, in a cluster that is strict."""

import json
import re

import pytest

from tests.helm import chart, fetch
from tests.helm.apiserver import Cluster, serving
from tests.helm.chart import CHART, CUSTOM, HELMS

EVERYTHING = """
autoscaling: {by: hpa}
monitoring: {serviceMonitor: {enabled: true}, alerts: PrometheusRule, dashboard: true}
ingress: {enabled: true, hosts: [ai.example.com]}
httpRoute: {enabled: true, parentRefs: [{name: public}]}
keys: {external: {store: vault, data: {OPENAI_API_KEY: {key: llm/openai}}}}
extraObjects:
  - {apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: another}, spec: {scaleTargetRef: {name: a}}}
"""


class Release:
    """Runs helm on one release in one cluster."""

    def __init__(self, helm, folder):
        self.helm, self.folder = helm, folder
        self.cluster = Cluster(fetch.VERSIONS[-1], self.objections)

    def objections(self, one):
        return [] if one["kind"] in CUSTOM else chart.objections(self.cluster.version, one)

    def connect(self, url):
        chart.write_kubeconfig(self.folder, {"server": url})

    def __call__(self, *arguments, values=""):
        return chart.run(self.helm, *arguments, "--namespace", "ai", values=values, env=chart.at(self.folder))

    def passes(self, *arguments, values=""):
        done = self(*arguments, values=values)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def the(self, kind):
        return next(one for one in self.cluster.objects.values() if one["kind"] == kind)


@pytest.fixture(params=HELMS)
def release(request, tmp_path):
    release = Release(request.param, tmp_path)
    with serving(release.cluster) as url:
        release.connect(url)
        yield release


WAIT = ("--wait", "--timeout", "30s")


def test_a_release_is_installed_tested_upgraded_rolled_back_and_removed(release):
    said = release.passes("install", "one", str(CHART), *WAIT)
    assert "gateways is empty" in said
    assert release.cluster.kinds() == sorted(
        ["ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "ReplicaSet", "Service", "ServiceAccount"]
    )
    deployment = json.dumps(release.the("Deployment")["spec"]["template"])

    assert re.search(r"Phase:\s+Succeeded", release.passes("test", "one"))
    assert "Pod" not in release.cluster.kinds()

    gateways = "gateways: {accounts: {acme: {gateways: {new: {authentication: none}}}}}"
    release.passes("upgrade", "one", str(CHART), *WAIT, values=gateways)
    assert "new" in release.the("ConfigMap")["data"]["gateways.yaml"]
    # The pods stay: they read the edit themselves.
    assert json.dumps(release.the("Deployment")["spec"]["template"]) == deployment

    release.passes("upgrade", "one", str(CHART), *WAIT, values=EVERYTHING)
    assert {"Ingress", "HorizontalPodAutoscaler", *CUSTOM} <= set(release.cluster.kinds())

    release.passes("rollback", "one", "1", *WAIT)
    assert "local" in release.the("ConfigMap")["data"]["gateways.yaml"]
    assert not CUSTOM & set(release.cluster.kinds())

    assert len(json.loads(release.passes("history", "one", "--output", "json"))) == 4
    release.passes("uninstall", "one", "--wait")
    assert release.cluster.objects == {}


def test_what_kubernetes_refuses_fails_the_release_with_the_fields_path(release):
    done = release("install", "one", str(CHART), values="podSecurityContext: {runAsNonRott: true}")
    assert done.returncode != 0
    assert re.search(r"template\.spec\.securityContext: .*runAsNonRott", done.stderr)


def test_a_failed_upgrade_leaves_what_was_and_the_selector_can_never_change(release):
    release.passes("install", "one", str(CHART))
    before = json.dumps(release.the("Deployment")["spec"])
    bad = "tolerations: [{key: gpu, operator: Exsts, effet: NoSchedule}]"
    assert "effet" in release("upgrade", "one", str(CHART), values=bad).stderr
    renamed = release("upgrade", "one", str(CHART), values="{nameOverride: other, fullnameOverride: one-gateway}")
    assert "immutable" in renamed.stderr
    assert json.dumps(release.the("Deployment")["spec"]) == before
    release.passes(
        "upgrade", "one", str(CHART), values="{commonLabels: {team: a}, image: {tag: '2'}, podLabels: {tier: edge}}"
    )
