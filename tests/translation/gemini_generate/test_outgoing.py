"""The account of what a request loses."""

from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC
from gateway.translation.gemini_generate.outgoing import Outgoing


def test_what_a_provider_refuses_is_lost_though_its_dialect_has_it():
    losses = Losses(CODEC.rules)
    out = Outgoing("m", False, losses, Quirks(refuses=("seed",)))
    assert (out.allows("seed"), out.allows("top_k"), out.allows("user"), out.allows("min_p")) == (
        False,
        True,
        False,
        False,
    )
    assert (losses.refused, losses.hints) == (["seed", "min_p"], ["user"])
