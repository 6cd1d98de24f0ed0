"""Any conversation becomes a body that botocore accepts, and what is not in it is named."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from gateway.conversation.losses import FEATURES
from gateway.conversation.parts import Refusing, Text
from gateway.conversation.request import PARAMETERS
from tests.translation.bedrock_converse.asking import write
from tests.translation.bedrock_converse.test_reasoning import FABLE, GPT_OSS, MODEL, NOVA_2, OPUS_41, PROFILE, R1
from tests.translation.conversations import conversations

MODELS = (MODEL, OPUS_41, FABLE, PROFILE, NOVA_2, GPT_OSS, R1)


def words(value: object) -> list[str]:
    """All texts of a body, wherever they stand."""
    if isinstance(value, list):
        return [text for one in value for text in words(one)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if isinstance(value.get("text"), str) else []
    return own + [text for one in value.values() for text in words(one)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conversations(MODELS))
def test_whatever_is_asked_is_a_valid_request(conversation):
    written, losses = write(conversation)
    roles = [message["role"] for message in written.body["messages"]]
    assert all(one != other for one, other in pairwise(roles))
    assert {*losses.refused, *losses.hints} <= {*PARAMETERS, *FEATURES}
    said = words(written.body)
    for message in conversation.messages:
        for part in message.parts:
            if isinstance(part, Text | Refusing) and part.text:
                assert part.text in said
