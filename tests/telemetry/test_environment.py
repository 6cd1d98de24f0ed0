import pytest

from gateway.telemetry.environment import Batching, read

END = "http://collector:4318"


def test_nothing_is_on_by_itself():
    got = read({})
    assert (got.endpoint, got.metrics, got.console, got.complaints) == (None, None, False, [])
    assert got.propagates
    assert got.resource == {"service.name": "gateway"}


def test_a_general_endpoint_turns_both_signals_on():
    got = read({"OTEL_EXPORTER_OTLP_ENDPOINT": END + "/"})
    assert got.endpoint.url == f"{END}/v1/traces"
    assert got.metrics.url == f"{END}/v1/metrics"


def test_a_signals_own_endpoint_is_used_as_it_is():
    got = read({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": END + "/x"})
    assert got.endpoint.url == END + "/x"
    assert got.metrics is None


@pytest.mark.parametrize("name", ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"])
def test_none_turns_a_signal_off(name):
    got = read({"OTEL_EXPORTER_OTLP_ENDPOINT": END, name: "none"})
    assert [got.endpoint is None, got.metrics is None] == [
        name == "OTEL_TRACES_EXPORTER",
        name != "OTEL_TRACES_EXPORTER",
    ]


def test_otlp_by_name_goes_to_this_machine():
    assert read({"OTEL_TRACES_EXPORTER": "otlp"}).endpoint.url == "http://localhost:4318/v1/traces"


def test_console_can_stand_beside_otlp():
    got = read({"OTEL_TRACES_EXPORTER": "console, otlp"})
    assert got.console
    assert got.endpoint


def test_disabled_means_all_of_it_but_propagation():
    got = read({"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": END})
    assert got.disabled
    assert got.endpoint is got.metrics is None
    assert got.propagates


def test_headers_are_decoded_and_a_signals_own_win():
    names = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
    got = read({"OTEL_EXPORTER_OTLP_ENDPOINT": END, names[0]: "a=1", names[1]: "authorization=Bearer%20x==, b = 2"})
    assert got.endpoint.headers == {"authorization": "Bearer x==", "b": "2"}
    assert got.metrics.headers == {"a": "1"}


@pytest.mark.parametrize(("written", "seconds"), [("10000", 10.0), ("500", 0.5), ("10", 10.0), ("x", 10.0), ("", 10.0)])
def test_a_timeout_is_milliseconds_unless_it_can_only_be_seconds(written, seconds):
    got = read({"OTEL_EXPORTER_OTLP_ENDPOINT": END, "OTEL_EXPORTER_OTLP_TIMEOUT": written})
    assert got.endpoint.timeout == seconds


@pytest.mark.parametrize(
    ("protocol", "content_type", "complaints"),
    [("http/json", "json", 0), ("http/protobuf", "protobuf", 0), ("grpc", "protobuf", 1), ("", "protobuf", 0)],
)
def test_the_protocol_decides_the_encoding(protocol, content_type, complaints):
    got = read({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": END, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol})
    assert got.endpoint.content_type == content_type
    assert len(got.complaints) == complaints


def test_the_batch_processors_variables_are_read():
    got = read(
        {
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_BSP_MAX_QUEUE_SIZE": "20",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "50",
            "OTEL_BSP_EXPORT_TIMEOUT": "2000",
        }
    )
    assert got.batching == Batching(0.1, 20, 20, 2.0)


@pytest.mark.parametrize("value", ["abc", "-1", "nan", "inf", "0"])
def test_a_number_that_makes_no_sense_is_named_and_ignored(value):
    got = read({"OTEL_BSP_MAX_QUEUE_SIZE": value})
    assert got.batching.queue == Batching().queue
    assert "OTEL_BSP_MAX_QUEUE_SIZE" in got.complaints[0]


def test_what_is_secret_is_in_no_complaint_and_no_repr():
    got = read(
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:SECRET@h:1/?SECRET",
            "OTEL_EXPORTER_OTLP_HEADERS": "SECRET,authorization=SECRET",
            "OTEL_RESOURCE_ATTRIBUTES": "SECRET",
        }
    )
    assert len(got.complaints) == 2
    assert "SECRET" not in " ".join(got.complaints)
    assert "SECRET" not in repr(got.endpoint)


def test_the_resource_is_read():
    got = read({"OTEL_RESOURCE_ATTRIBUTES": "service.name=a,team=b%2Cc", "OTEL_SERVICE_NAME": "gw"})
    assert got.resource == {"service.name": "gw", "team": "b,c"}
    assert read({"OTEL_RESOURCE_ATTRIBUTES": "service.name=a"}).resource == {"service.name": "a"}


@pytest.mark.parametrize(
    ("written", "on"), [("", True), ("tracecontext,baggage", True), ("none", False), ("b3", False)]
)
def test_propagation_is_w3cs_or_none(written, on):
    assert read({"OTEL_PROPAGATORS": written}).propagates is on


@pytest.mark.parametrize(
    ("written", "capture"), [("true", "span"), ("SPAN_ONLY", "span"), ("EVENT_ONLY", "none"), ("", "none")]
)
def test_content_is_captured_where_asked(written, capture):
    assert read({"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": written}).capture == capture


def test_an_unknown_sampler_is_named():
    got = read({"OTEL_TRACES_SAMPLER": "magic"})
    assert "magic" in got.complaints[0]
    assert got.sampler.chooses("f" * 32)


def test_an_unknown_exporter_is_named_and_turns_nothing_on():
    got = read({"OTEL_TRACES_EXPORTER": "zipkin"})
    assert got.endpoint is None
    assert "zipkin" in got.complaints[0]
