import json

import pytest

from tests.edge.stage import Stage


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


def get(stage, path, method="GET"):
    return stage.request(path, [b""], method=method)


def test_liveness_is_there_whatever_else_is_not(stage):
    stage.process.draining = lambda: True
    assert (get(stage, b"/healthz").status, get(stage, b"/healthz").body) == (200, b"ok\n")


def test_readiness_ends_with_draining(stage):
    ready = get(stage, b"/readyz")
    assert (ready.status, json.loads(ready.body)["config_version"]) == (200, stage.process.edge.site.version)
    stage.process.draining = lambda: True
    stopping = get(stage, b"/readyz")
    assert (stopping.status, json.loads(stopping.body)["reason"]) == (503, "draining")
    assert stopping.headers[b"retry-after"] == b"5"


def test_metrics_are_prometheus_text(stage):
    stage.request()
    got = get(stage, b"/metrics")
    assert got.headers[b"content-type"].startswith(b"text/plain; version=0.0.4")
    assert b"gateway_calls_total{" in got.body


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [(b"/", "GET", 404), (b"/v2/a/b", "POST", 404), (b"/healthz", "POST", 405), (b"/v1", "POST", 404),
     (b"//v1/acme/main/demo/x", "POST", 404), (b"/metrics/x", "GET", 404)],
)  # fmt: skip
def test_everything_else_is_refused_in_the_same_envelope(stage, path, method, status):
    got = get(stage, path, method)
    assert (got.status, got.code) == (status, "not_found")
    assert json.loads(got.body)["success"] is False


def test_a_call_is_told_by_its_raw_path_alone(stage):
    """`path` is what a server decoded: nobody may reach a call by what it says."""
    assert stage.request(b"/%76%31/acme/main/demo/chat/completions").status == 404
    assert stage.records == []
