"""The settings of retries, breakers and fallbacks as a user writes them."""

import msgspec
import pytest

from gateway.settings.breaker import CircuitBreaker
from gateway.settings.fallback import FallbackStep, problems
from gateway.settings.load import read_unit
from gateway.settings.nodes import Finding, Scalar
from gateway.settings.parse import parse
from gateway.settings.retry import Retry, doubts


def read(kind, **written):
    return msgspec.convert(written, kind, dec_hook=read_unit)


def tree(text):
    root, findings = parse(None, text)
    assert not findings
    return root


def test_what_is_not_written_has_a_default():
    retry = read(Retry)
    assert (retry.attempts, retry.delay, retry.backoff, retry.max_delay, retry.jitter) == (
        3,
        0.5,
        "exponential",
        60,
        0.25,
    )
    assert retry.on == ("connect", "timeout", 408, 409, 429, "5xx")
    breaker = read(CircuitBreaker)
    assert (breaker.failures, breaker.per, breaker.open, breaker.ratio) == (5, 30, 30, 0.5)
    assert read(FallbackStep, to="a/b").on == ("error", "timeout", 429)


def test_as_a_user_writes_them():
    retry = read(Retry, attempts=5, delay="250ms", backoff="linear", max_delay="5s", jitter=0, on=[503, "timeout"])
    assert (retry.delay, retry.on) == (0.25, (503, "timeout"))
    step = read(
        FallbackStep, **{"to": "claude/x:y/z", "on": ["context_length", 429], "first_byte": "10s", "for": "a/b*"}
    )
    assert (step.on, step.first_byte, step.only_for) == (("context_length", 429), 10, "a/b*")


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Retry, {"attempts": 0}),
        (Retry, {"attempts": 11}),
        (Retry, {"backoff": "quadratic"}),
        (Retry, {"on": [399]}),
        (Retry, {"on": ["4xx"]}),
        (Retry, {"jitter": 2}),
        (Retry, {"tries": 2}),
        (CircuitBreaker, {"failures": 0}),
        (CircuitBreaker, {"on": []}),
        (CircuitBreaker, {"on": [500]}),
        (CircuitBreaker, {"open": "0s"}),
        (FallbackStep, {}),
        (FallbackStep, {"to": "Claude"}),
        (FallbackStep, {"to": "a/b c"}),
        (FallbackStep, {"to": "a/"}),
        (FallbackStep, {"to": "a", "on": []}),
        (FallbackStep, {"to": "a", "on": [500]}),
        (FallbackStep, {"to": "a", "first_byte": "0s"}),
    ],
)
def test_what_makes_no_sense_is_refused(kind, written):
    with pytest.raises(msgspec.ValidationError):
        read(kind, **written)


def test_a_delay_beyond_its_bound_is_worth_a_word():
    (found,) = doubts(tree("retry: {delay: 10s, max_delay: 5s}"))
    assert (found.spot.line, "max_delay" in found.sentence) == (1, True)
    for sound in ("retry: {delay: 5s, max_delay: 5s}", "retry: {delay: x, max_delay: 5s}", "retry: 1", "{}"):
        assert list(doubts(tree(sound))) == []


def test_steps_lead_to_providers_that_exist():
    asked = []

    def check(name, spot):
        assert isinstance(spot, Scalar)
        asked.append(name)
        if name == "nobody":
            yield Finding(spot, "unknown provider")

    steps = "fallback: [{to: nobody/x, for: '*/gpt'}, {to: one, for: two/m}, {to: 3}, 4]"
    assert len(list(problems(tree(steps), check))) == 1
    assert asked == ["nobody", "one", "two"]
    assert list(problems(tree("fallback: 1"), check)) == []
