"""Messages of clients, read."""

from gateway.conversation.parts import Cache, Native, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message
from gateway.translation.openai_chat import CODEC
from gateway.translation.signatures import outward


def read(*messages):
    return CODEC.read_request({"model": "m", "messages": list(messages)}).messages


def test_each_role_in_its_place():
    said = [{"role": role, "content": role} for role in ("system", "developer", "user", "assistant")]
    assert read(*said) == [Message(one["role"], [Text(one["content"])]) for one in said]


def test_an_answer_has_thoughts_text_refusal_and_calls():
    (message,) = read(
        {
            "role": "assistant",
            "name": "Ada",
            "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "no"}],
            "reasoning_content": "hm",
            "refusal": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
                {"id": "2", "type": "custom", "custom": {"name": "c", "input": "free"}},
            ],
        }
    )
    calls = [ToolUse("1", "f", '{"a":1}'), ToolUse("2", "c", "free", custom=True)]
    assert message == Message("assistant", [Thinking("hm"), Text("a"), Refusing("no"), *calls], "Ada")


def test_a_result_is_named_by_its_call():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    *_, last = read(
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "ok"}]},
    )
    assert last.parts == [ToolResult("1", [Text("ok")], "f")]


def test_calls_and_results_without_ids_find_one_another():
    calls = [{"type": "function", "function": {"name": name, "arguments": "{}"}} for name in "fg"]
    asked, first, second = read(
        {"role": "assistant", "tool_calls": calls},
        {"role": "tool", "content": "of f"},
        {"role": "tool", "content": "of g"},
    )
    assert [use.id for use in asked.parts] == [first.parts[0].id, second.parts[0].id]
    assert len({use.id for use in asked.parts}) == 2
    assert (first.parts[0].name, second.parts[0].name) == ("f", "g")


def test_arguments_may_come_as_an_object():
    call = {"id": "1", "function": {"name": "f", "arguments": {"a": 1}}}
    assert read({"role": "assistant", "tool_calls": [call]})[0].parts[0].arguments == '{"a":1}'


def test_thoughts_of_another_maker_come_back_as_their_makers():
    details = [
        {"type": "reasoning.text", "text": "hm", "signature": outward("c2ln", "anthropic_messages", "openai_chat")},
        {"type": "reasoning.encrypted", "data": outward("ZW5j", "openai_responses", "openai_chat"), "id": "rs_1"},
    ]
    message = {"role": "assistant", "reasoning_content": "hm", "reasoning_details": details, "content": "x"}
    assert read(message)[0].parts[:2] == [
        Thinking("hm", "c2ln", maker="anthropic_messages"),
        Thinking(redacted="ZW5j", id="rs_1", maker="openai_responses"),
    ]


def test_an_encrypted_thought_and_its_summary_are_one():
    details = [
        {"type": "reasoning.summary", "summary": "short", "id": "rs_1"},
        {"type": "reasoning.encrypted", "data": outward("ZW5j", "openai_responses", "openai_chat"), "id": "rs_1"},
    ]
    (thought,) = read({"role": "assistant", "reasoning_details": details})[0].parts
    assert thought == Thinking("short", "", "ZW5j", "rs_1", "openai_responses", summary=True)


def test_a_signed_call_comes_back_as_its_makers():
    signature = outward("c2ln", "gemini_generate", "openai_chat")
    call = {
        "id": "1",
        "function": {"name": "f", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": signature}},
    }
    (use,) = read({"role": "assistant", "tool_calls": [call]})[0].parts
    assert (use.signature, use.maker) == ("c2ln", "gemini_generate")


def test_cache_markers_of_parts_and_of_messages():
    part = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    official = {"type": "text", "text": "b", "prompt_cache_breakpoint": {"mode": "explicit"}}
    first, second = read(
        {"role": "user", "content": [part, official]},
        {"role": "system", "content": "s", "cache_control": {"type": "ephemeral"}},
    )
    assert [text.cache for text in first.parts] == [Cache("1h"), Cache()]
    assert second.parts == [Text("s", cache=Cache())]


def test_a_member_that_only_this_dialect_knows_is_kept_by_its_name():
    (message,) = read({"role": "assistant", "content": "Once", "prefix": True, "audio": {"id": "a_1"}})
    assert message.parts[1:] == [
        Native("openai_chat", "message.prefix", True),
        Native("openai_chat", "message.audio", {"id": "a_1"}),
    ]


def test_what_the_sdk_gives_back_of_an_answer_is_read_without_a_word():
    echo = {
        "role": "assistant",
        "content": "Paris",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "function_call": None,
        "tool_calls": None,
    }
    assert read(echo) == [Message("assistant", [Text("Paris")])]


def test_citations_of_earlier_answers_are_read():
    page = {"url": "https://x", "title": "X", "start_index": 0, "end_index": 1}
    echo = {"role": "assistant", "content": "a", "annotations": [{"type": "url_citation", "url_citation": page}]}
    assert read(echo)[0].parts[0].citations[0].url == "https://x"
