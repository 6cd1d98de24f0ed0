from decimal import Decimal

import pytest

from gateway.call import Answer, Refusal, Usage
from gateway.prices import Price, Prices
from gateway.upstream.bill import Bill
from tests.upstream.calls import attempt, call

BILL = Bill(Prices({"openai/gpt-4o-mini": Price.of_million(Decimal(1), Decimal(2))}))


class Read:
    """A meter that has read this."""

    def __init__(self, **fields):
        self.answer = Answer(**fields)

    def finish(self):
        return self.answer


def used(tokens_in=1000, tokens_out=500, **fields):
    return Read(usage=Usage(tokens_in, tokens_out), **fields)


def test_an_attempt_is_priced_and_added_up():
    one, first, second = call(), attempt(), attempt()
    BILL.settle(one, used(), first)
    BILL.settle(one, used(0, 500), second)
    assert (first.cost, second.cost) == (Decimal("0.002"), Decimal("0.001"))
    assert one.record.cost == Decimal("0.003")


def test_tokens_without_a_price_make_the_whole_sum_unknown():
    one, odd = call(), attempt()
    odd.asked = odd.asked.__class__("chat", "openai_chat", "model-nobody-has-heard-of")
    BILL.settle(one, used(), attempt())
    BILL.settle(one, used(), odd)
    BILL.settle(one, used(), attempt())
    assert (one.record.cost, one.record.unpriced) == (None, True)


def test_an_answer_without_usage_costs_nothing_known_and_is_not_unpriced():
    one, tried = call(), attempt()
    BILL.settle(one, Read(error="overloaded"), tried)
    assert (one.record.cost, one.record.unpriced, tried.error) == (None, False, "overloaded")


def test_the_first_error_stays():
    one, tried = call(), attempt()
    tried.error = "timeout"
    BILL.settle(one, Read(error="overloaded"), tried)
    assert tried.error == "timeout"


def test_what_nothing_meters_is_not_billed():
    one = call()
    BILL.settle(one, None, attempt())
    assert one.record.cost is None


def test_the_client_may_set_its_price():
    one, tried = call(cf_aig_custom_cost=b'{"per_token_in": 0.001, "per_token_out": 0.002}'), attempt()
    BILL.settle(one, used(), tried)
    assert (tried.cost, one.record.custom_cost) == (Decimal(2), True)


def test_a_set_total_counts_once_however_many_keys_were_refused_before():
    one = call(cf_aig_custom_cost=b'{"total_cost": 0.5}')
    for status in (401, 429, 200):
        tried = attempt()
        tried.status = status
        BILL.settle(one, Read(), tried)
    assert one.record.cost == Decimal("0.5")


@pytest.mark.parametrize("text", [b"{", b"1", b'{"total_cost": -1}', b'{"total_cost": NaN}', b"[" * 10_000])
def test_a_price_that_cannot_be_read_is_refused_before_anything_is_sent(text):
    with pytest.raises(Refusal, match="cf-aig-custom-cost") as refused:
        BILL.check(call(cf_aig_custom_cost=text))
    assert refused.value.status == 400


def test_without_the_header_there_is_nothing_to_check():
    BILL.check(call())
