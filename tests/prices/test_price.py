"""What a usage costs at a price."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.prices import Price
from gateway.prices.price import Tier

counts = st.none() | st.integers(0, 10**7)
usages = st.builds(Usage, **dict.fromkeys(Usage.__struct_fields__, counts))
rates = st.decimals("0", "0.01", places=9)
prices = st.builds(
    Price,
    rates,
    rates,
    **dict.fromkeys(
        ("cache_read", "cache_write", "cache_write_1h", "reasoning", "input_audio", "output_audio"), st.none() | rates
    ),
)


def times(usage, factor):
    values = {name: getattr(usage, name) for name in usage.__struct_fields__}
    return Usage(**{name: None if value is None else value * factor for name, value in values.items()})


@settings(max_examples=200, deadline=None)
@given(prices, usages)
def test_no_usage_costs_less_than_nothing(price, usage):
    assert price.cost(usage) >= 0


@settings(max_examples=200, deadline=None)
@given(prices, usages, st.integers(0, 50))
def test_so_many_times_the_tokens_cost_so_many_times_as_much(price, usage, factor):
    assert price.cost(times(usage, factor)) == price.cost(usage) * factor


@settings(max_examples=100, deadline=None)
@given(rates, rates, usages)
def test_classes_without_a_price_cost_what_the_plain_tokens_cost(read, written, usage):
    plain = Usage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    assert Price(read, written).cost(usage) == Price(read, written).cost(plain)


def test_each_class_is_charged_once():
    price = Price.of_million(
        Decimal(3),
        Decimal(15),
        cache_read=Decimal("0.3"),
        cache_write=Decimal("3.75"),
        cache_write_1h=Decimal(6),
        reasoning=Decimal(20),
        input_audio=Decimal(40),
        output_audio=Decimal(80),
        request=Decimal("0.005"),
    )
    usage = Usage(1000, 500, 1500, 600, 200, 50, 100, 30, 40)
    fresh = 1000 - 600 - 200 - 30
    wanted = fresh * 3 + 600 * Decimal("0.3") + 150 * Decimal("3.75") + 50 * 6 + 30 * 40
    wanted += (500 - 100 - 40) * 15 + 100 * 20 + 40 * 80
    assert price.cost(usage) == wanted / 1_000_000 + Decimal("0.005")


def test_more_cached_tokens_than_tokens_leave_nothing_at_the_plain_price():
    assert Price(Decimal(1), cache_read=Decimal("0.1")).cost(Usage(24, None, 24, 161)) == Decimal("16.1")


def test_a_long_input_puts_the_whole_call_into_the_higher_tier():
    price = Price(
        Decimal(1), Decimal(2), tiers=(Tier(100, Price(Decimal(3), Decimal(4))), Tier(200, Price(Decimal(9))))
    )
    assert price.cost(Usage(100, 1)) == 102
    assert price.cost(Usage(101, 1)) == 307
    assert price.cost(Usage(201, 1)) == 1809
