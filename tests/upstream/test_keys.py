import time

import pytest

from gateway.call import Refusal
from gateway.upstream import keys
from gateway.upstream.keys import Key, Ring, choose
from tests.upstream.calls import call

SOME = [Key(None), Key(None), Key(None)]


def order(ring):
    return [index for index, _ in ring.order()]


def test_a_ring_begins_with_the_key_that_worked_last():
    ring = Ring("default", SOME)
    assert order(ring) == [0, 1, 2]
    ring.refused(0, b"")
    assert order(ring) == [1, 2, 0]
    ring.refused(1, b"")
    assert order(ring) == [2, 0, 1]


def test_a_key_that_was_refused_is_tried_last_until_it_has_rested(monkeypatch):
    ring, now = Ring("default", SOME), time.monotonic()
    ring.refused(1, b"30")
    assert order(ring) == [0, 2, 1]
    monkeypatch.setattr(keys.time, "monotonic", lambda: now + 31)
    assert order(ring) == [0, 1, 2]


@pytest.mark.parametrize(
    ("said", "rest"), [(b"7", 7), (b"", 60), (b"Wed, 21 Oct 2026 07:28:00 GMT", 60), (b"-1", 60), (b"9" * 400, 600)]
)
def test_how_long_a_key_rests_is_bounded(said, rest):
    ring = Ring("default", SOME)
    ring.refused(0, said)
    assert ring.rests[0] - time.monotonic() == pytest.approx(rest, abs=0.5)


def test_a_refusal_that_comes_late_does_not_move_the_ring_on_twice():
    ring = Ring("default", SOME)
    ring.refused(0, b"")
    ring.refused(0, b"")
    assert ring.first == 1


def test_a_single_key_is_used_whatever_happened():
    ring = Ring("default", SOME[:1])
    ring.refused(0, b"")
    assert order(ring) == [0]


RINGS = {"default": Ring("default", SOME), "batch": Ring("batch", SOME)}


@pytest.mark.parametrize(
    ("policy", "brought", "alias", "expected"),
    [
        ("prefer", False, None, "default"),
        ("prefer", True, None, None),
        ("prefer", True, b"batch", "batch"),
        ("ignore", True, None, "default"),
        ("ignore", False, b"batch", "batch"),
        ("forbid", False, None, "default"),
    ],
)
def test_which_ring_signs(policy, brought, alias, expected):
    one = call(**({"cf_aig_byok_alias": alias} if alias else {}))
    chosen = choose(one, RINGS, policy, brought=brought)
    assert (chosen.alias if chosen else None) == expected


def test_without_a_default_key_the_call_goes_as_it_came():
    assert choose(call(), {"batch": RINGS["batch"]}, "ignore", brought=True) is None


def test_a_forbidden_key_and_an_unknown_alias_are_refused():
    with pytest.raises(Refusal, match="client_keys: forbid") as refused:
        choose(call(), RINGS, "forbid", brought=True)
    assert (refused.value.status, refused.value.number) == (403, 2104)
    with pytest.raises(Refusal, match="Configured aliases: 'default', 'batch'") as refused:
        choose(call(cf_aig_byok_alias=b"x" * 5000), RINGS, "prefer", brought=False)
    assert (refused.value.status, refused.value.number) == (400, 2040)
    assert len(refused.value.sentence) < 300
