"""What a wire format cannot carry is refused at once and by name, or listed."""

import pytest

from gateway.call import Refusal
from gateway.conversation.losses import CARRIED, FEATURES, REFUSED, Losses, Rule
from gateway.conversation.request import PARAMETERS

RULES = {"temperature": CARRIED, "seed": Rule("renamed", "random_seed"), "user": Rule("hint", "who asks"), "n": REFUSED}


def test_what_is_carried_is_written_and_nothing_is_lost():
    losses = Losses(RULES)
    assert losses.allows("temperature")
    assert losses.allows("seed")
    assert losses.settle("acme", strict=True) == []


def test_everything_that_cannot_be_carried_is_named_in_one_refusal():
    losses = Losses(RULES)
    assert not losses.allows("n")
    assert not losses.allows("logit_bias")
    losses.lose("image.url")
    losses.lose("image.url")
    with pytest.raises(Refusal) as no:
        losses.settle("acme", strict=True)
    assert (no.value.status, no.value.code) == (400, "unsupported_parameter")
    assert "acme cannot carry: n, logit_bias, image.url." in no.value.sentence


def test_a_client_that_allows_it_gets_the_names_instead():
    losses = Losses(RULES)
    losses.allows("user")
    losses.allows("user")
    losses.allows("n")
    assert losses.settle("acme", strict=False) == ["n", "user"]


def test_a_hint_is_left_out_and_listed_but_refuses_nothing():
    losses = Losses(RULES)
    assert not losses.allows("user")
    assert losses.settle("acme", strict=True) == ["user"]


def test_parameters_and_features_are_told_apart():
    assert not PARAMETERS.keys() & FEATURES.keys()
    assert all(FEATURES.values())
