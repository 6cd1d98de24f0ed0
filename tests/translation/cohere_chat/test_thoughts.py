"""How long to think, in Cohere's words."""

import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.request import Reasoning
from gateway.translation.cohere_chat import CODEC
from gateway.translation.cohere_chat.thoughts import write_thinking


@pytest.mark.parametrize(
    ("reasoning", "written"),
    [
        (Reasoning("none"), {"type": "disabled"}),
        (Reasoning(budget=0), {"type": "disabled"}),
        (Reasoning(budget=700), {"type": "enabled", "token_budget": 700}),
        (Reasoning("high", 700), {"type": "enabled", "token_budget": 700}),
        (Reasoning(budget=-1), {"type": "enabled"}),
        (Reasoning(adaptive=True), {"type": "enabled"}),
        (Reasoning("low"), {"type": "enabled", "token_budget": 2048}),
        (Reasoning("high"), {"type": "enabled"}),
        (Reasoning(show=True), {}),
    ],
)
def test_every_way_to_ask_for_thoughts(reasoning, written):
    losses = Losses(CODEC.rules)
    assert write_thinking(reasoning, losses) == written
    assert not losses.refused


def test_thoughts_cannot_be_hidden():
    losses = Losses(CODEC.rules)
    write_thinking(Reasoning("low", show=False), losses)
    assert losses.refused == ["reasoning.show"]
