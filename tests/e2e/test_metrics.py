"""/metrics of a real gateway after a mix of calls, read as Prometheus reads it."""

import re
import threading
import time

import pytest

from tests import world
from tests.e2e.acts import ASK, COST, PATH, STREAM_ASK, says, until

SAMPLE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)'
)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
MAIN = {"account": "acme", "gateway": "main", "provider": "openai", "model": "gpt-4o-mini", "operation": "chat"}


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture
def gateway(tmp_path, provider):
    yaml = f"""
    providers:
      openai: {{base_url: {provider.url}/v1}}
    accounts:
      acme:
        gateways:
          main: {{}}
          closed: {{authentication: {{tokens: [{{name: a, sha256: {"0" * 64}}}]}}}}
    """
    with world.gateway(tmp_path, yaml) as one:
        yield one


def scraped(gateway):
    """Every sample; what is not valid text of format 0.0.4 is an error."""
    answer = gateway.call("/metrics", None, "GET")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples, types = [], {}
    text = answer.body.decode()
    assert text.endswith("\n")
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, "a family stands there once"
            types[name] = kind
        elif not line.startswith("# HELP "):
            found = SAMPLE.fullmatch(line)
            assert found, line
            family = re.sub(r"_(bucket|sum|count)$", "", found[1])
            assert types.get(found[1]) or types.get(family) == "histogram", f"{line} has no type"
            samples.append((found[1], dict(LABEL.findall(found[2] or "")), float(found[3])))
    keys = [(name, tuple(sorted(labels.items()))) for name, labels, _ in samples]
    assert len(keys) == len(set(keys)), "a sample stands there once"
    return samples


def value(samples, name, **labels):
    return sum(number for each, said, number in samples if each == name and labels.items() <= said.items())


def test_a_mix_of_calls_is_counted(gateway):
    for _ in range(3):
        gateway.call(PATH, ASK)
    gateway.call(PATH, STREAM_ASK, x_do="slow-stream")
    gateway.call(PATH, ASK, x_do="status-500")
    gateway.call(PATH, ASK, x_do="cut-stream")
    gateway.call("/v1/acme/closed/openai/chat/completions", ASK)
    gateway.call("/v1/acme/main/nonsense/x", ASK)
    samples = scraped(gateway)
    calls = "gateway_calls_total"
    assert value(samples, calls, **MAIN, status="2xx", outcome="served") == 4
    assert value(samples, calls, **MAIN, status="5xx", outcome="served") == 1
    assert value(samples, calls, **MAIN, outcome="failed") == 1
    assert value(samples, calls) == 8
    tokens = {kind: value(samples, "gateway_tokens_total", **MAIN, **{"class": kind}) for kind in ("input", "output")}
    assert tokens == {"input": 307, "output": 62}
    assert value(samples, "gateway_tokens_total", **MAIN, **{"class": "cache_read"}) == 120
    assert value(samples, "gateway_tokens_total", **MAIN, **{"class": "reasoning"}) == 15
    streamed = 7 * 0.15e-6 + 2 * 0.60e-6
    assert value(samples, "gateway_cost_dollars_total", **MAIN) == pytest.approx(3 * COST + streamed)
    assert value(samples, "gateway_time_to_first_chunk_seconds_count", **MAIN) == 1
    assert 0 < value(samples, "gateway_time_to_first_chunk_seconds_sum", **MAIN) < 0.1
    assert value(samples, "gateway_call_duration_seconds_count", **MAIN) == 6
    assert value(samples, "gateway_upstream_errors_total", error="stream_broken") == 1
    assert value(samples, "gateway_refusals_total", gateway="closed", code="unauthorized") == 1
    assert value(samples, "gateway_refusals_total", gateway="main", code="invalid_provider") == 1
    assert value(samples, "gateway_log_lines_lost_total") == 0


def test_buckets_rise_and_end_at_the_count(gateway):
    for _ in range(5):
        gateway.call(PATH, ASK)
    samples = scraped(gateway)
    buckets = [n for name, _, n in samples if name == "gateway_overhead_seconds_bucket"]
    assert buckets == sorted(buckets)
    assert buckets[-1] == value(samples, "gateway_overhead_seconds_count", gateway="main") == 5


def test_what_runs_now_is_shown(gateway):
    clients = [threading.Thread(target=gateway.call, args=(PATH, ASK), kwargs={"x_do": "slow"}) for _ in range(5)]
    for client in clients:
        client.start()
    time.sleep(0.1)
    during = value(scraped(gateway), "gateway_calls_in_flight")
    for client in clients:
        client.join()
    assert (during, value(scraped(gateway), "gateway_calls_in_flight")) == (5, 0)


def test_running_streams_are_shown(gateway):
    clients = [
        threading.Thread(target=gateway.call, args=(PATH, STREAM_ASK), kwargs={"x_do": "slow-stream"}) for _ in range(3)
    ]
    for client in clients:
        client.start()
    time.sleep(0.15)
    during = value(scraped(gateway), "gateway_streams_in_flight")
    for client in clients:
        client.join()
    assert (during, value(scraped(gateway), "gateway_streams_in_flight")) == (3, 0)


def test_edits_are_counted_by_their_result(gateway):
    sound = gateway.file.read_text()
    gateway.file.write_text(sound.replace("main:", "other:"))
    until(lambda: value(scraped(gateway), "gateway_config_reloads_total", result="applied") == 1)
    gateway.file.write_text("accounts: [")
    until(lambda: value(scraped(gateway), "gateway_config_reloads_total", result="rejected") == 1)
    time.sleep(1.2)
    assert value(scraped(gateway), "gateway_config_reloads_total") == 2, "one bad edit is one rejection"


def test_invented_names_do_not_make_endless_series(gateway, provider):
    for number in range(300):
        gateway.call(f"/v1/acme/none-{number}/openai/chat/completions", ASK)
        gateway.call(f"/v1/acme/main/none-{number}/chat/completions", ASK)
        body = ASK.replace(b"gpt-4o-mini", b"invented-%d" % number)
        gateway.call(PATH, body, x_do="status-404")
        gateway.call(PATH, body, cf_aig_metadata=f'{{"user": {number}}}')
    samples = scraped(gateway)
    assert value(samples, "gateway_calls_total") == 1200
    assert not [labels for _, labels, _ in samples if "none-" in str(labels)]
    assert len({labels["model"] for _, labels, _ in samples if "model" in labels}) < 310
    with_code = {labels["code"] for name, labels, _ in samples if name == "gateway_refusals_total"}
    assert with_code == {"unknown_gateway", "invalid_provider"}


def test_a_hostile_model_name_cannot_break_the_text(gateway):
    body = b'{"model": "a\\"b\\\\c\\nd}\\u0000\\u2028\\ud83d", "messages": []}'
    assert gateway.call(PATH, body).status == 200
    assert value(scraped(gateway), "gateway_calls_total") == 1


def test_several_workers_add_up(tmp_path, provider):
    yaml = f"""
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with world.gateway(tmp_path, yaml, args=("--workers", "2")) as one:
        until(lambda: one.call("/readyz", None, "GET").status == 200)
        for _ in range(40):
            one.call(PATH, ASK)
        assert value(scraped(one), "gateway_calls_total") == 40
        running = [threading.Thread(target=one.call, args=(PATH, ASK), kwargs={"x_do": "slow"}) for _ in range(20)]
        for client in running:
            client.start()
        time.sleep(0.12)
        during = value(scraped(one), "gateway_calls_in_flight")
        for client in running:
            client.join()
        assert during == 20
        assert value(scraped(one), "gateway_calls_in_flight") == 0
