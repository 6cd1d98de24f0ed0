import time
from decimal import Decimal

import pytest

from gateway.policies.estimates import Estimate, billionths, bills, dollars, estimate, used
from gateway.policies.estimates import tokens as metered
from tests.policies.limited import attempted, call


@pytest.mark.parametrize(
    ("path", "operation", "billed"),
    [
        (b"v1/chat/completions", "chat", True),
        (b"v1/files", "", False),
        (b"files/", "", False),
        (b"v1/uploads/up_1/parts", "", False),
        (b"v1/messages/count_tokens", "", False),
        (b"v1/responses/input_tokens", "", False),
        (b"v1beta/models/gemini-2.0:countTokens", "", False),
        (b"model/arn%3Aaws/count-tokens", "", False),
        (b"v1/moderations", "", False),
        (b"v1/responses/r_1/cancel", "", False),
        (b"v1/videos", "", True),
        (b"v1/profiles", "", True),
        (b"v1/batches", "", True),
        (b"models/me/files", "text_completion", True),  # what a model answers is billed, whatever it is called
        (b"v1/chat/completions#/files", "", True),  # a server may cut this off
        (b"v1/chat/completions;/files", "", True),
        (b"v1/chat/completions?/files", "", True),
        (b"v1/chat/completions\\files", "", True),
        (b"v1/" + b"x" * 256 + b"/files", "", True),
    ],
)
def test_what_a_provider_may_bill(path, operation, billed):
    assert bills(call(path=path, operation=operation)) is billed


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_looking_and_deleting_cost_nothing(method):
    assert not bills(call(method=method))


def test_a_long_path_is_looked_at_in_no_time():
    begin = time.perf_counter()
    bills(call(path=b"/files:" * 36 + b"!", operation=""))
    assert time.perf_counter() - begin < 0.1


def test_an_estimate_is_a_quarter_of_the_bytes_and_what_is_allowed_for():
    assert estimate(call(body=b"x" * 9, max_tokens=5)) == Estimate(3, 5, guessed=False)
    assert estimate(call(body=b"x" * 9, max_tokens=5, n=4)) == Estimate(3, 20, guessed=False)
    assert estimate(call()) == Estimate(0, 4096, guessed=True)
    assert estimate(call(operation="embeddings")) == Estimate(0, 0, guessed=True)
    assert estimate(call(max_tokens=2**62, n=2**62)).output == 10**9


def test_money_is_rounded_up_and_bounded():
    assert [billionths(Decimal(one)) for one in ("0", "1e-20", "1.0000000001", "1e30")] == [0, 1, 10**9 + 1, 2**53 - 1]
    assert [dollars(one) for one in (0, 1, 10**9, 10**10, 1_500_000_000)] == ["0", "0.000000001", "1", "10", "1.5"]


def test_what_was_used_is_the_sum_over_all_attempts():
    record = call().record
    record.attempts = [attempted(1, 2), attempted(usage=False, status=429, error="429"), attempted(10, 20)]
    assert used(record, 99, metered) == 33
    record.attempts.append(attempted(usage=False, error="cancelled"))
    assert used(record, 99, metered) == 132
    record.cached = True
    assert used(record, 99, metered) == 0
