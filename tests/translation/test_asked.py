"""Parameters that ask for nothing are no loss; the others go as the rules say."""

import pytest

from gateway.conversation.losses import CARRIED, REFUSED, Losses, Rule
from gateway.conversation.request import Conversation, Reasoning
from gateway.translation.asked import IDLE, asked, left_out, restrict, thinking
from gateway.translation.codec import Quirks


def of(**parameters):
    return Conversation("openai_chat", "m", [], parameters=parameters)


@pytest.mark.parametrize("name", IDLE)
def test_a_value_that_asks_for_nothing_is_written_where_it_can_be_and_no_loss_elsewhere(name):
    for value in IDLE[name]:
        losses = Losses({})
        assert list(asked(of(**{name: value}), losses)) == []
        assert not losses.refused
        assert list(asked(of(**{name: value}), Losses({name: CARRIED}))) == [(name, value)]


def test_a_value_that_asks_for_something_is_a_loss_where_it_is_refused():
    losses = Losses({"n": REFUSED, "user": Rule("hint")})
    assert list(asked(of(n=2, user="u", seed=1), losses)) == []
    assert (losses.refused, losses.hints) == (["n", "seed"], ["user"])


def test_storing_is_a_loss_where_not_storing_is_a_hint():
    losses = Losses({"store": Rule("hint")})
    assert list(asked(of(store=True), losses)) == []
    assert (losses.refused, losses.hints) == (["store"], [])


def test_a_hint_is_noted_once():
    losses = Losses({})
    left_out(losses, "metadata")
    left_out(losses, "metadata")
    assert losses.hints == ["metadata"]


def test_a_row_refuses_for_its_provider_alone():
    rules = {"seed": CARRIED, "n": CARRIED}
    losses = Losses(rules)
    restrict(losses, Quirks(refuses=("seed",)))
    assert (losses.allows("seed"), losses.allows("n")) == (False, True)
    assert rules["seed"] == CARRIED


@pytest.mark.parametrize("wish", [Reasoning(budget=2000), Reasoning(adaptive=True), Reasoning("high", 2000)])
def test_a_messages_client_that_switches_thinking_on_is_shown_thoughts(wish):
    def shown(dialect, wish):
        return thinking(Conversation(dialect, "m", [], reasoning=wish)).show

    assert shown("anthropic_messages", wish) is True
    assert shown("openai_chat", wish) is None
    assert shown("anthropic_messages", Reasoning(wish.effort, wish.budget, wish.adaptive, show=False)) is False


@pytest.mark.parametrize("wish", [None, Reasoning(), Reasoning("high"), Reasoning(budget=0)])
def test_who_does_not_ask_to_think_is_shown_nothing(wish):
    assert thinking(Conversation("anthropic_messages", "m", [], reasoning=wish)) == wish
