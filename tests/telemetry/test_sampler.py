import pytest

from gateway.telemetry import ids
from gateway.telemetry.sampler import sampler


@pytest.mark.parametrize("prefix", ["", "parentbased_"])
def test_the_names_of_the_specification_are_known(prefix):
    ids_ = [ids.trace_id() for _ in range(400)]
    assert all(map(sampler(f"{prefix}always_on", "").chooses, ids_))
    assert not any(map(sampler(f"{prefix}always_off", "").chooses, ids_))
    assert 120 < sum(map(sampler(f"{prefix}traceidratio", "0.5").chooses, ids_)) < 280
    assert sampler(f"{prefix}always_on", "").follows is bool(prefix)


@pytest.mark.parametrize(("argument", "chosen"), [("0", False), ("1", True), ("", True), ("2", True), ("x", True)])
def test_a_ratio_that_is_none_counts_as_one(argument, chosen):
    assert sampler("traceidratio", argument).chooses("f" * 32) is chosen


def test_all_who_sample_by_ratio_choose_the_same():
    assert sampler("traceidratio", "0.1").chooses("f" * 16 + "0" * 16)
    assert not sampler("traceidratio", "0.9").chooses("0" * 16 + "f" * 16)


def test_another_name_is_none():
    assert sampler("jaeger_remote", "") is None
