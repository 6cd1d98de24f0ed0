import os

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.telemetry.exporter import Spans
from gateway.telemetry.resource import Envelope, resource, scope


def test_what_the_operator_says_wins():
    got = resource({"service.name": "x", "host.name": "mine"}, "1.2.3")
    assert (got["service.name"], got["host.name"], got["service.version"]) == ("x", "mine", "1.2.3")
    assert got["process.pid"] == str(os.getpid())


def test_each_process_has_its_own_id():
    assert resource({}, "1")["service.instance.id"] != resource({}, "1")["service.instance.id"]


def test_an_envelope_is_an_export_request():
    body = Envelope({"service.name": "x" * 300}).wrap([Spans(b"", 0, scope("a", "1")), Spans(b"", 0, scope("b", "2"))])
    (got,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert got.resource.attributes[0].value.string_value == "x" * 300
    assert [(one.scope.name, one.scope.version) for one in got.scope_spans] == [("a", "1"), ("b", "2")]
