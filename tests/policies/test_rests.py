"""One clock per key, in bounded memory, without the key in it."""

from gateway.policies.rests import MOST, Rests
from tests.upstream.calls import call, with_headers

SLOTS = {"openai": frozenset((b"authorization",))}


class Clock:
    time = 100.0

    def __call__(self):
        return self.time


def test_a_clock_is_a_providers_a_keys_and_a_models():
    rests = Rests(SLOTS, Clock())
    one = call()
    keyed = with_headers(one, (b"authorization", b"Bearer sk-1"))
    other = with_headers(one, (b"authorization", b"Bearer sk-2"))
    aliased = call(cf_aig_byok_alias=b"batch")
    assert len({rests.whose(each) for each in (one, keyed, other, aliased, call("cerebras"))}) == 5
    assert rests.whose(one) == rests.whose(with_headers(one, (b"user-agent", b"x")))
    assert b"sk-1" not in repr(rests.whose(keyed)).encode()


def test_a_rest_ends_when_the_provider_said():
    rests = Rests(SLOTS, clock := Clock())
    whose = rests.whose(call())
    assert rests.left(whose) == 0
    rests.begin(whose, 5)
    clock.time += 2
    assert rests.left(whose) == 3
    rests.begin(whose, 1)
    assert rests.left(whose) == 3
    rests.begin(whose, 10)
    assert rests.left(whose) == 10
    clock.time += 10
    assert rests.left(whose) == 0
    assert not rests.rests


def test_after_a_minute_it_is_asked_again_whatever_it_wants():
    rests = Rests(SLOTS, clock := Clock())
    whose = rests.whose(call())
    rests.begin(whose, 86400)
    clock.time += 59
    assert rests.left(whose) == 86400 - 59
    clock.time += 1
    assert rests.left(whose) == 0


def test_memory_is_bounded():
    rests = Rests(SLOTS, clock := Clock())
    for number in range(MOST + 10):
        rests.begin(("openai", "", b"", str(number)), 50)
    assert len(rests.rests) == MOST
    clock.time += 60
    rests.begin(("openai", "", b"", "new"), 5)
    assert len(rests.rests) == 1
