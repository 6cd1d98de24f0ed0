"""What a schema cannot say of policies, of the store and of headers."""

import pytest

from gateway.cli.known import providers
from gateway.settings import rules
from gateway.settings.load import load
from gateway.settings.problems import Problems

GATEWAY = "accounts: {a: {gateways: {g: {%s}}}}"


def read(tmp_path, text):
    (tmp_path / "gateways.yaml").write_text(text)
    return load(tmp_path / "gateways.yaml", {}, providers()).document


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GATEWAY % "rate_limit: {requests: 5}", "`per` is missing"),
        (GATEWAY % "spend_limits: [{name: x, limit: 1, per: 1d, downgrade_to: nobody/m}]", "unknown provider"),
        (
            GATEWAY % "providers: [demo], spend_limits: [{name: x, limit: 1, per: 1d, downgrade_to: openai/m}]",
            "not reach",
        ),
        (GATEWAY % "cache: {ttl: 31d}", "30d at most"),
        (GATEWAY % "retry: {delay: 5s, max_delay: 1s}", "longer than `max_delay`"),
        (GATEWAY % "fallback: [{to: opnai/gpt}]", "unknown provider"),
        ("server: {state: 'redis://h/0?nonsense=1'}\n" + GATEWAY % "", "has an option that there is not"),
        ("providers: {demo: {headers: {Host: x}}}\n" + GATEWAY % "", "the gateway sets it itself"),
        ("providers: {demo: {headers: {transfer-encoding: x}}}\n" + GATEWAY % "", "the gateway sets it itself"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(tmp_path, text, said):
    with pytest.raises(Problems) as problems:
        read(tmp_path, text)
    (line,) = problems.value.lines()
    assert said in line
    assert ":" in line


def test_a_password_in_the_stores_url_is_never_shown(tmp_path):
    with pytest.raises(Problems) as problems:
        read(tmp_path, "server: {state: 'redis://:hunter2@h/0?nonsense=1'}\n" + GATEWAY % "")
    assert "hunter2" not in str(problems.value.lines())


COUNTING = "rate_limit: {requests: 5, per: 1m}"


@pytest.mark.parametrize(
    ("text", "workers", "refused"),
    [
        (GATEWAY % COUNTING, 2, True),
        (GATEWAY % "spend_limits: [{name: x, limit: 1, per: 1d}]", 4, True),
        (GATEWAY % COUNTING, 1, False),
        (GATEWAY % "cache: {ttl: 5m}", 4, False),
        ("server: {state: 'redis://127.0.0.1:1/0'}\n" + GATEWAY % COUNTING, 4, False),
    ],
)
def test_processes_that_would_count_apart_are_refused_with_the_reason(tmp_path, text, workers, refused):
    said = rules.unshared(read(tmp_path, text), workers)
    assert ("would each count for themselves" in said) == refused
