"""The chart in a real API server, whose admission and whose server-side apply are Kubernetes' own."""

import re

import pytest

from tests.helm import chart, cluster
from tests.helm.chart import CASES, CHART, HELMS

pytestmark = pytest.mark.skipif(bool(cluster.missing()), reason=cluster.missing())
APPS = "/apis/apps/v1/namespaces/{}/deployments"


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with cluster.running(tmp_path_factory.mktemp("cluster")) as one:
        yield one


@pytest.fixture
def space(api, request):
    """A namespace of this test's own."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[-60:].strip("-")
    api.namespace(name)
    return name


@pytest.fixture(params=HELMS)
def helm(api, space, request):
    def run(*arguments, values=""):
        return chart.run(request.param, *arguments, "--namespace", space, values=values, env=chart.at(api.folder))

    return run


def passes(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pod(api, space):
    """What a Deployment's controller would ask for: admitted, or why not."""
    (deployment,) = api(APPS.format(space))["items"]
    template = deployment["spec"]["template"]
    template["metadata"]["name"] = "probe"
    return api(f"/api/v1/namespaces/{space}/pods", {"apiVersion": "v1", "kind": "Pod", **template})


def test_it_is_the_version_that_was_asked_for(api):
    asked = (chart.ROOT / "tests/helm/cluster/apiserver/go.mod").read_text()
    assert f"k8s.io/kubernetes {api('/version')['gitVersion']}\n" in asked


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_taken_as_it_is_and_leaves_nothing(api, helm, space, case):
    rendered = chart.render(chart.case(case))
    said = passes(helm("install", "one", str(CHART), values=chart.case(case)))
    assert "unknown field" not in said
    admitted = pod(api, space)
    assert admitted["kind"] == "Pod", admitted.get("message")
    kept = api.names(f"/api/v1/namespaces/{space}/configmaps")
    assert kept == sorted(one["metadata"]["name"] for one in rendered.all("ConfigMap"))
    for kind, version in cluster.PLURALS.items():
        names = api.names(f"/apis/{version}/namespaces/{space}/{kind.lower()}s")
        assert names == sorted(one["metadata"]["name"] for one in rendered.all(kind))
    passes(helm("uninstall", "one"))
    for path in ("/api/v1/namespaces/{}/configmaps", "/api/v1/namespaces/{}/services", APPS):
        assert api.names(path.format(space)) == []


def test_a_release_is_upgraded_and_rolled_back(api, helm, space):
    passes(helm("install", "one", str(CHART)))
    (before,) = api(APPS.format(space))["items"]
    edit = "gateways: {accounts: {acme: {gateways: {new: {authentication: none}}}}}"
    passes(helm("upgrade", "one", str(CHART), values=edit))
    (after,) = api(APPS.format(space))["items"]
    # The pods stay: they read the edit themselves.
    assert after["spec"]["template"] == before["spec"]["template"]
    passes(helm("upgrade", "one", str(CHART), values=chart.case("ha-hpa")))
    assert api.names(f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers")
    passes(helm("rollback", "one", "1"))
    (back,) = api(APPS.format(space))["items"]
    assert back["spec"] == before["spec"]
    assert not api.names(f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers")


def test_what_kubernetes_refuses_fails_the_release_and_names_the_field(helm):
    done = helm("install", "one", str(CHART), values="podSecurityContext: {fsGroup: a}")
    assert done.returncode != 0
    assert "fsGroup" in done.stderr


def test_a_pod_with_rights_is_kept_out_by_the_namespace(api, helm, space):
    passes(helm("install", "one", str(CHART), values="securityContext: {allowPrivilegeEscalation: true}"))
    refused = pod(api, space)
    assert refused["reason"] == "Forbidden"
    assert "allowPrivilegeEscalation" in refused["message"]


def test_the_selector_can_never_change(api, helm, space):
    passes(helm("install", "one", str(CHART)))
    renamed = helm("upgrade", "one", str(CHART), values="{nameOverride: other, fullnameOverride: one-gateway}")
    assert "immutable" in renamed.stderr
