"""A conversation of any dialect becomes a request that a provider takes."""

import json

from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import TypeAdapter

from gateway.conversation.parts import (
    Cache,
    Citation,
    Media,
    Native,
    Refusing,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from gateway.conversation.request import Conversation, Format, Message, Reasoning, Tool
from gateway.translation.codec import Quirks
from gateway.translation.openai_responses.own import make_id
from gateway.translation.openai_responses.requests_in import read_request
from tests.translation.openai_responses.conversations import conversation, said
from tests.translation.openai_responses.recorded import written

PARAMS = TypeAdapter(ResponseCreateParams)
NAME = "openai_responses"


def body_of(**fields):
    body, losses = written(conversation(**fields))
    assert not losses.refused
    assert not losses.hints
    return body


def accepted(body):
    """The body, if the SDK's types take all of it."""
    json.dumps(PARAMS.dump_python(PARAMS.validate_python(body)), default=list)
    return body


def test_a_whole_turn_with_tools():
    messages = [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Look:"), Media("image", "image/png", data="iVBORw0K", detail="high")]),
        Message("assistant", [Text("I look."), ToolUse("c1", "f", ""), ToolUse("c2", "sh", "ls", custom=True)]),
        Message("user", [ToolResult("c1", [Text("one")], "f"), ToolResult("c2", [], "sh"), Text("Go on")]),
    ]
    body = accepted(body_of(messages=messages, stream=True))
    assert body == {
        "model": "gpt-x",
        "instructions": "Be brief.",
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look:"},
                    {"type": "input_image", "detail": "high", "image_url": "data:image/png;base64,iVBORw0K"},
                ],
            },
            {"role": "assistant", "content": "I look."},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "custom_tool_call", "call_id": "c2", "name": "sh", "input": "ls"},
            {"type": "function_call_output", "call_id": "c1", "output": "one"},
            {"type": "custom_tool_call_output", "call_id": "c2", "output": ""},
            {"role": "user", "content": "Go on"},
        ],
        "store": False,
        "stream": True,
    }


def test_a_system_message_that_cannot_stand_apart_is_an_item():
    two = body_of(messages=[Message("system", [Text("One."), Text("Two.")])])
    assert two["input"] == [
        {"role": "system", "content": [{"type": "input_text", "text": t} for t in ("One.", "Two.")]}
    ]
    item = read_request({"model": "m", "input": [{"role": "system", "content": "One."}]})
    body, _ = written(item)
    assert body == {"model": "m", "input": [{"role": "system", "content": "One."}]}


def test_a_model_that_said_several_things_is_quoted_as_the_sdk_has_it():
    cited = Text("Cited.", [Citation("url", "https://example.com", "Example", start=0, end=6)])
    [item] = accepted(body_of(**said(cited, Refusing("No."), role="assistant")))["input"]
    assert item == {
        "type": "message",
        "id": make_id("msg", "0"),
        "role": "assistant",
        "status": "completed",
        "content": [
            {
                "type": "output_text",
                "text": "Cited.",
                "annotations": [
                    {
                        "type": "url_citation",
                        "start_index": 0,
                        "end_index": 6,
                        "url": "https://example.com",
                        "title": "Example",
                    }
                ],
            },
            {"type": "refusal", "refusal": "No."},
        ],
    }


def test_nothing_is_kept_that_the_client_did_not_ask_for():
    assert body_of()["store"] is False
    assert body_of(parameters={"store": True})["store"] is True
    own, _ = written(read_request({"model": "m", "input": "Hi"}))
    assert "store" not in own


def test_functions_are_not_strict_unless_another_dialects_client_says_so():
    tools = [Tool("f"), Tool("g", schema={"type": "object"}, strict=True)]
    assert accepted(body_of(tools=tools))["tools"] == [
        {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False},
        {"type": "function", "name": "g", "parameters": {"type": "object"}, "strict": True},
    ]
    own, _ = written(read_request({"model": "m", "tools": [{"type": "function", "name": "f"}]}))
    assert "strict" not in own["tools"][0]


def test_encrypted_thoughts_are_asked_for_where_thoughts_are_shown_or_sent_back():
    encrypted = ["reasoning.encrypted_content"]
    assert body_of(reasoning=Reasoning(show=True))["include"] == encrypted
    back = body_of(**said(Thinking("", "sealed", maker=NAME), role="assistant"))
    assert back["include"] == encrypted
    assert back["input"] == [{"type": "reasoning", "summary": [], "encrypted_content": "sealed"}]
    assert "include" not in body_of(reasoning=Reasoning("low"))
    both = body_of(reasoning=Reasoning(show=True), parameters={"logprobs": True})
    assert both["include"] == [*encrypted, "message.output_text.logprobs"]


def test_other_makers_thoughts_are_left_out_and_listed():
    for thought in (Thinking("Hm.", "sig", maker="anthropic_messages"), Thinking("Hm.")):
        body, losses = written(conversation(**said(thought, Text("Yes."), role="assistant")))
        assert body["input"] == [{"role": "assistant", "content": "Yes."}]
        assert (losses.refused, losses.hints) == ([], ["thinking"])


def test_a_provider_that_takes_open_thoughts_gets_anybodys():
    asked = conversation(**said(Thinking("Hm.", "sig", maker="anthropic_messages"), role="assistant"))
    body, losses = written(asked, Quirks(thoughts="reasoning_text"))
    [item] = accepted(body)["input"]
    assert item["content"] == [{"type": "reasoning_text", "text": "Hm."}]
    assert "encrypted_content" not in item
    assert not losses.hints


def test_a_calls_foreign_signature_is_only_its_makers_business():
    call = ToolUse("c1", "f", "{}", signature="sig", maker="gemini_generate")
    body, losses = written(conversation(**said(call, role="assistant")))
    assert body["input"] == [{"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}]
    assert (losses.refused, losses.hints) == ([], ["thinking"])


def test_a_failure_of_a_tool_is_said_in_words():
    def output(*parts):
        result = ToolResult("c1", list(parts), error=True)
        return body_of(messages=[Message("tool", [result])])["input"][0]["output"]

    assert output(Text("no such file")) == "Error: no such file"
    assert output(Text("error 5")) == "error 5"
    assert output(Text("a"), Text("b"))[0] == {"type": "input_text", "text": "Error:"}


def test_an_id_that_is_too_long_is_another_but_the_same_in_call_and_result():
    long = "x" * 65
    body = body_of(
        messages=[Message("assistant", [ToolUse(long, "f")]), Message("tool", [ToolResult(long, [Text("1")])])]
    )
    ids = [item["call_id"] for item in body["input"]]
    assert ids[0] == ids[1]
    assert len(ids[0]) <= 64


def test_efforts_stand_for_budgets():
    def effort(budget):
        return body_of(reasoning=Reasoning(budget=budget)).get("reasoning", {}).get("effort")

    wanted = {0: "none", 1024: "low", 2048: "low", 8192: "medium", 8193: "high", -1: None}
    assert {budget: effort(budget) for budget in wanted} == wanted


def test_what_only_another_dialect_knows_is_refused_by_its_name():
    fields = said(Text("Hi"), Native("gemini_generate", "executableCode", {}))
    asked = conversation(**fields, extras={"container": "x"}, native_tools=[Native("x", "bash_20250124", {})])
    _, losses = written(asked)
    assert sorted(losses.refused) == ["bash_20250124", "container", "executableCode"]


def test_media_that_have_no_place():
    asked = conversation(**said(Media("audio", "audio/flac", data="AAAA"), Media("video", url="https://x/y")))
    _, losses = written(asked)
    assert losses.refused == ["audio.data", "video.url"]
    _, losses = written(conversation(**said(Media("image", data="AAAA"), role="assistant")))
    assert losses.refused == ["image.data"]


def test_a_provider_may_have_other_names_and_lack_things():
    quirks = Quirks(limit="max_tokens", renames={"user": "end_user"}, reasoning="none", json_schema=False)
    asked = conversation(
        parameters={"max_tokens": 5, "user": "u"},
        reasoning=Reasoning("low", show=True),
        format=Format("schema", {"type": "object"}),
    )
    body, losses = written(asked, quirks)
    assert (body["max_tokens"], body["end_user"]) == (5, "u")
    assert losses.refused == ["format.schema", "reasoning.effort", "reasoning.show"]


def test_hints_and_extras_of_an_own_client_are_written_back():
    body = {
        "model": "m",
        "input": [{"role": "user", "content": [BROKEN]}],
        "stream": True,
        "stream_options": {"include_obfuscation": False},
        "include": ["reasoning.encrypted_content", "message.output_text.logprobs", "file_search_call.results"],
        "reasoning": {"effort": "low", "summary": "detailed", "context": "all_turns"},
        "text": {"verbosity": "low", "format": {"type": "json_object"}},
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}],
        "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        "background": True,
    }
    out, losses = written(read_request(body))
    assert out == body
    assert not losses.refused
    assert not losses.hints


BROKEN = {"type": "input_text", "text": "long", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}

WORDS = st.text(min_size=1, max_size=8)
IDS = st.uuids().map(lambda id: f"call_{id.hex}")
TEXTS = st.builds(Text, WORDS)
MEDIA = st.sampled_from(
    [
        Media("image", "image/png", data="iVBORw0K", detail="low"),
        Media("image", url="https://example.com/a.png"),
        Media("image", file="file-1"),
        Media("document", "application/pdf", data="JVBERi0x", name="a.pdf"),
        Media("document", url="https://example.com/a.pdf", name="b"),
        Media("document", file="file-2"),
        Media("audio", "audio/mpeg", data="AAAA"),
    ]
)
THOUGHTS = st.builds(Thinking, WORDS, WORDS, id=st.just("rs_1"), maker=st.just(NAME), summary=st.booleans())
CALLS = st.builds(ToolUse, IDS, WORDS, WORDS, custom=st.booleans())
USERS = st.lists(TEXTS | MEDIA, min_size=1, max_size=3).map(lambda parts: Message("user", parts))
SYSTEMS = st.builds(Message, st.sampled_from(["developer"]), st.lists(TEXTS, min_size=1, max_size=2))


@st.composite
def turns(draw):
    """A user's message, perhaps what a model said with its calls, and their results."""
    messages = [draw(USERS | SYSTEMS)]
    spoken = draw(st.lists(TEXTS | st.builds(Refusing, WORDS), max_size=2))
    calls = draw(st.lists(CALLS, max_size=2))
    parts = [*draw(st.lists(THOUGHTS, max_size=1)), *spoken, *calls]
    if parts:
        messages.append(Message("assistant", parts))
    if calls:
        results = [ToolResult(call.id, draw(st.lists(TEXTS, min_size=1, max_size=2)), call.name) for call in calls]
        messages.append(Message("tool", results))
    return messages


@given(st.lists(turns(), min_size=1, max_size=3), st.booleans())
def test_what_both_forms_share_comes_back_from_a_request(drawn, stream):
    asked = Conversation(NAME, "m", [message for turn in drawn for message in turn], stream, include_usage=True)
    body, losses = written(asked)
    assert not losses.refused
    assert not losses.hints
    assert read_request(json.loads(json.dumps(body))) == asked


def test_cache_markers_of_others_are_hints_wherever_they_stand():
    mark = Cache("5m")
    messages = [
        Message("user", [Text("a", cache=mark), Media("image", file="f", cache=mark)]),
        Message("assistant", [Text("b", cache=mark), ToolUse("c", "f", "{}", cache=mark)]),
        Message("tool", [ToolResult("c", [Text("d")], cache=mark)]),
    ]
    body, losses = written(conversation(messages=messages, tools=[Tool("f", cache=mark)]))
    assert (losses.refused, losses.hints) == ([], ["cache"])
    assert "cache" not in json.dumps(body)


def test_a_messages_client_that_thinks_is_shown_thoughts_and_can_send_them_back():
    body = body_of(dialect="anthropic_messages", reasoning=Reasoning(budget=9000))
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]
    assert "summary" not in body_of(dialect="openai_chat", reasoning=Reasoning("high"))["reasoning"]
