from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.anthropic_messages.rules import RULES
from gateway.translation.codec import Quirks
from tests.translation.anthropic_messages.given import asked, body, said, sent


def test_a_provider_may_take_less_than_its_dialect_has():
    losses = Losses(RULES)
    account = Account(asked(), losses, Quirks(refuses=("top_k",)))
    assert not account.takes("top_k")
    assert account.takes("top_p")
    assert losses.refused == ["top_k"]


def test_a_providers_own_names_are_used():
    conversation = asked(parameters={"max_tokens": 5, "top_k": 3})
    written = body(conversation, Quirks(limit="max_output", renames={"top_k": "k"}))
    assert (written["max_output"], written["k"]) == (5, 3)
    assert "max_tokens" not in written


def test_what_a_provider_does_not_take_of_a_system_prompt_is_not_sent():
    conversation = asked([said("user", Text("Hi")), said("system", Text("a"))])
    written, lost = sent(conversation, Quirks(refuses=("system_later",)))
    assert lost == ["system_later"]
    assert "system" not in written


def test_what_a_provider_refuses_is_lost_by_its_name():
    written, lost = sent(asked(parameters={"top_k": 3}), Quirks(refuses=("top_k",)))
    assert lost == ["top_k"]
    assert "top_k" not in written
