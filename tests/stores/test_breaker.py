"""The breaker before Redis, against a clock that is moved by hand."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.stores.breaker import Breaker


def test_it_opens_after_three_losses_in_a_row_and_lets_one_try_after_its_rest():
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    assert [breaker.lost(), breaker.lost(), breaker.won(), breaker.lost(), breaker.lost()] == [False] * 5
    assert breaker.enters()
    assert breaker.lost()
    assert not breaker.enters()
    now[0] += 1
    assert breaker.enters()
    assert not breaker.enters()
    assert not breaker.lost()
    now[0] += 0.9
    assert not breaker.enters()
    now[0] += 0.1
    assert breaker.enters()
    assert breaker.won()
    assert breaker.enters()
    assert breaker.enters()


def test_an_answer_to_a_question_from_before_it_opened_does_not_close_it():
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    assert all(breaker.enters() for _ in range(4))
    assert [breaker.lost(), breaker.lost(), breaker.lost()] == [False, False, True]
    assert not breaker.won()
    assert breaker.open
    now[0] += 1
    assert breaker.enters()
    assert breaker.won()
    assert not breaker.open


class AgainstTheList(RuleBasedStateMachine):
    """The model is the list of what was said."""

    def __init__(self):
        super().__init__()
        self.now, self.said, self.trying = 0.0, [], 0
        self.breaker = Breaker(clock=lambda: self.now)

    def losses(self):
        """How many in a row, and when the last."""
        won = max([at for at, (what, _) in enumerate(self.said) if what == "won"], default=-1)
        return [when for what, when in self.said[won + 1 :] if what == "lost"]

    @rule(pause=st.sampled_from([0.1, 0.5, 1.0]))
    def wait(self, pause):
        self.now += pause

    @rule(what=st.sampled_from(["won", "lost", "left"]))
    def call(self, what):
        lost = self.losses()
        may = len(lost) < 3 or (not self.trying and self.now >= lost[-1] + 1.0)
        assert self.breaker.enters() is may
        if may:
            getattr(self.breaker, what)()
            self.said.append((what, self.now))

    @rule()
    def one_tries_and_the_others_do_not(self):
        lost = self.losses()
        if len(lost) >= 3 and self.now >= lost[-1] + 1.0:
            assert self.breaker.enters()
            assert not self.breaker.enters()
            self.breaker.left()

    @invariant()
    def open_says_what_enters_would(self):
        lost = self.losses()
        assert self.breaker.open is (len(lost) >= 3 and self.now < lost[-1] + 1.0)


TestAgainstTheList = AgainstTheList.TestCase
TestAgainstTheList.settings = settings(max_examples=100, stateful_step_count=40, deadline=None, database=None)
