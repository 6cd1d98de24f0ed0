import pytest
from anthropic.types import Message

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Citation, Refusing, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages import CODEC
from tests import corpus
from tests.translation.anthropic_messages.given import asked
from tests.translation.anthropic_messages.recorded import answers, block

CLIENT = asked(dialect="anthropic_messages", model="smart")


def written(*parts, reason="stop", **more):
    return CODEC.write_answer(
        Completion("resp_1", "gpt-5", candidates=[Candidate(list(parts), reason)], **more), CLIENT
    )


def test_another_providers_answer_is_one_of_the_sdks_messages():
    message = Message.model_validate(
        written(
            Thinking("Hm.", "c2ln", id="rs_1", maker="openai_responses"),
            Text("See there.", [Citation("url", "https://a.example", "A")]),
            ToolUse("call_1", "weather", '{"city":"Paris"}'),
            usage=Usage(100, 20, 120, 60, output_reasoning_tokens=5),
            service_tier="default",
        )
    )
    assert [one.type for one in message.content] == ["thinking", "text", "tool_use"]
    assert message.content[2].input == {"city": "Paris"}
    assert message.stop_reason == "tool_use"
    assert (message.id, message.model, message.usage.service_tier) == ("resp_1", "gpt-5", "standard")
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (40, 60)


def test_a_refusal_says_so():
    assert written(Refusing("No."))["stop_reason"] == "refusal"
    assert written(Text("No."), reason="content_filter")["stop_reason"] == "refusal"


def test_an_answer_without_an_id_gets_one_of_its_own():
    first, second = (CODEC.write_answer(Completion(), CLIENT) for _ in range(2))
    assert first["id"].startswith("msg_")
    assert first["id"] != second["id"]
    assert first["model"] == "smart"
    assert Message.model_validate(first).content == []


def test_what_a_provider_says_besides_is_there_for_who_reads_it():
    message = written(Text("Hi"), extras={"search_results": [1], "id": "other", "usage.server_tool_use": {"a": 1}})
    assert message["search_results"] == [1]
    assert message["id"] == "resp_1"
    assert message["usage"]["server_tool_use"] == {"a": 1}


def plain(message):
    """Without nulls, and with one spelling for a caller."""
    told = {name: value for name, value in message.items() if value is not None}
    told["usage"] = {name: value for name, value in message["usage"].items() if value is not None}
    told["content"] = [block(one) for one in message["content"]]
    return told


@corpus.present
@pytest.mark.parametrize(("id", "body"), answers() if corpus.FOLDER.is_dir() else [])
def test_every_recorded_message_is_written_as_it_was(id, body):
    message = CODEC.write_answer(CODEC.read_answer(body), CLIENT)
    assert plain(message) == plain(body)
    Message.model_validate(message)
