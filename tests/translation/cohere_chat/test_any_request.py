"""Any conversation becomes a body that Cohere's SDK would send, and what is not in it is named."""

import json

from hypothesis import HealthCheck, given, settings

from gateway.conversation.losses import FEATURES
from gateway.conversation.parts import Refusing, Text
from gateway.conversation.request import PARAMETERS
from tests.translation.cohere_chat.asking import MODEL, write
from tests.translation.conversations import conversations


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conversations((MODEL, "command-a-03-2025")))
def test_whatever_is_asked_is_a_valid_request(conversation):
    written, losses = write(conversation)
    assert {*losses.refused, *losses.hints} <= {*PARAMETERS, *FEATURES}
    said = json.dumps(written.body["messages"])
    for message in conversation.messages:
        for part in message.parts:
            if isinstance(part, Text | Refusing):
                assert json.dumps(part.text)[1:-1] in said
