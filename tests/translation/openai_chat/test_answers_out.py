"""Whole answers for clients."""

import json

from openai.types.chat import ChatCompletion

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation, Reasoning
from gateway.translation.openai_chat import CODEC
from gateway.translation.openai_chat.requests_in import LegacyConversation

ASKED = Conversation("openai_chat", "m", [])


def write(*parts, reason="stop", asked=ASKED, **more):
    """The choice for these parts; the whole must be of the official form."""
    completion = Completion("1", "m", 5, [Candidate(list(parts), reason, **more)], Usage(3, 4, 7))
    body = CODEC.write_answer(completion, asked)
    ChatCompletion.model_validate_json(json.dumps(body), strict=True)
    return body["choices"][0]


def test_a_plain_answer():
    usage = Usage(10, 5, 15, input_cached_tokens=4, output_reasoning_tokens=2)
    completion = Completion("1", "m", 5, [Candidate([Text("hi")], "stop", "end_turn")], usage, "default", "fp")
    assert CODEC.write_answer(completion, ASKED) == {
        "id": "1",
        "object": "chat.completion",
        "created": 5,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "hi", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
                "native_finish_reason": "end_turn",
            }
        ],
        "usage": {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
        "service_tier": "default",
        "system_fingerprint": "fp",
    }


def test_an_answer_without_id_and_model_gets_both():
    one, other = (CODEC.write_answer(Completion(candidates=[Candidate()]), ASKED) for _ in range(2))
    assert one["model"] == "m"
    assert one["id"].startswith("chatcmpl-")
    assert one["id"] != other["id"]


def test_thoughts_are_text_and_their_proofs_are_marked():
    said = write(
        Thinking("hm ", "c2ln", maker="anthropic_messages"),
        Thinking(redacted="ZW5j", maker="anthropic_messages"),
        Text("x"),
    )["message"]
    assert said["reasoning_content"] == "hm "
    assert said["reasoning_details"] == [
        {
            "type": "reasoning.text",
            "text": "hm ",
            "signature": "gw~anthropic_messages~c2ln",
            "format": "anthropic-claude-v1",
            "index": 0,
        },
        {
            "type": "reasoning.encrypted",
            "data": "gw~anthropic_messages~ZW5j",
            "format": "anthropic-claude-v1",
            "index": 1,
        },
    ]


def test_thoughts_without_proofs_are_text_alone():
    assert "reasoning_details" not in write(Thinking("hm"), Text("x"))["message"]


def test_a_client_that_wants_no_thoughts_gets_none():
    asked = Conversation("openai_chat", "m", [], reasoning=Reasoning(show=False))
    said = write(Thinking("hm", "c2ln", maker="anthropic_messages"), Text("x"), asked=asked)["message"]
    assert said == {"role": "assistant", "content": "x", "refusal": None}


def test_calls():
    said = write(ToolUse("1", "f"), ToolUse("2", "c", "free", custom=True), reason="tool_use")
    assert said["finish_reason"] == "tool_calls"
    assert said["message"]["content"] is None
    assert said["message"]["tool_calls"] == [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "2", "type": "custom", "custom": {"name": "c", "input": "free"}},
    ]


def test_a_signed_call_is_marked_unless_it_is_of_this_dialect():
    foreign = ToolUse("1", "f", signature="c2ln", maker="gemini_generate")
    own = ToolUse("2", "f", signature="c2ln", maker="openai_chat")
    calls = write(foreign, own, reason="tool_use")["message"]["tool_calls"]
    assert [call["extra_content"]["google"]["thought_signature"] for call in calls] == [
        "gw~gemini_generate~c2ln",
        "c2ln",
    ]


def test_a_legacy_client_gets_a_function_call():
    legacy = LegacyConversation("openai_chat", "m", [])
    said = write(ToolUse("1", "f", '{"a":1}'), reason="tool_use", asked=legacy)
    assert said["finish_reason"] == "function_call"
    assert said["message"]["function_call"] == {"name": "f", "arguments": '{"a":1}'}
    assert "tool_calls" not in said["message"]


def test_a_refusal():
    said = write(Refusing("no"))["message"]
    assert (said["content"], said["refusal"]) == (None, "no")


def test_an_empty_answer_has_empty_content():
    assert write()["message"]["content"] == ""


def test_citations_count_from_the_beginning_of_all_texts():
    one = Citation(url="https://a", title="A", start=0, end=2)
    two = Citation("document", title="Doc", cited="words", start=1, end=3)
    said = write(Text("abc", [one]), Text("defg", [two]))["message"]
    assert said["content"] == "abcdefg"
    assert [item["url_citation"] for item in said["annotations"]] == [
        {"url": "https://a", "title": "A", "start_index": 0, "end_index": 2},
        {"url": "", "title": "Doc", "start_index": 4, "end_index": 6, "content": "words"},
    ]


def test_sound_and_images():
    said = write(Media("audio", "audio/wav", "AAAA"), Media("image", "image/png", "BBBB"))["message"]
    assert said["audio"] == {"id": "", "data": "AAAA", "expires_at": 0, "transcript": ""}
    assert said["images"][0]["image_url"]["url"] == "data:image/png;base64,BBBB"


def test_members_that_only_this_dialect_knows_stand_where_they_were():
    said = write(
        Text("x"),
        Native("openai_chat", "message.executed_tools", [1]),
        Native("openai_chat", "choice.content_filter_results", {"a": 1}),
        Native("anthropic_messages", "server_tool_use", {}),
    )
    assert said["message"]["executed_tools"] == [1]
    assert said["content_filter_results"] == {"a": 1}


def test_extras_stand_beside_the_choices_and_take_no_members_place():
    extras = {"citations": ["https://x"], "id": "other", "usage.cost": 0.5, "usage.prompt_tokens": 99}
    body = CODEC.write_answer(Completion("1", "m", 5, [], Usage(3, 4, 7), extras=extras), ASKED)
    assert (body["id"], body["citations"]) == ("1", ["https://x"])
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "cost": 0.5}


def test_extras_of_a_stream_that_was_put_together():
    part = Native("openai_chat", "extras", {"citations": ["https://x"]})
    body = CODEC.write_answer(Completion("1", "m", 5, [Candidate([Text("x"), part], "stop")]), ASKED)
    assert body["citations"] == ["https://x"]
    assert "extras" not in body["choices"][0]["message"]


def test_several_answers_and_their_log_probabilities():
    scores = {"content": [], "refusal": None}
    candidates = [Candidate([Text(text)], "stop", index=at, logprobs=scores) for at, text in enumerate("ab")]
    body = CODEC.write_answer(Completion("1", "m", 5, candidates), ASKED)
    assert [(choice["index"], choice["message"]["content"]) for choice in body["choices"]] == [(0, "a"), (1, "b")]
    assert body["choices"][1]["logprobs"] == scores
    assert "usage" not in body
