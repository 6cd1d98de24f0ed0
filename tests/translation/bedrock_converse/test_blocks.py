"""Parts of messages as Converse's blocks."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
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
from gateway.conversation.request import Conversation, Message, Tool
from gateway.translation.bedrock_converse.blocks import ID, call_id
from tests.translation.bedrock_converse.asking import MODEL, body, content, talk, write

LLAMA = "meta.llama3-8b-instruct-v1:0"
MINIMAX = "minimax.minimax-m2"
POINT = {"cachePoint": {"type": "default"}}


def said(*parts, model=MODEL):
    """What the model once said, written back."""
    messages = [Message("user", [Text("Hi")]), Message("assistant", list(parts)), Message("user", [Text("So?")])]
    return Conversation("anthropic_messages", model, messages, tools=[Tool("f")])


def blocks_said(*parts, model=MODEL):
    return body(said(*parts, model=model))["messages"][1]["content"]


def test_a_call_has_its_arguments_as_an_object():
    assert blocks_said(ToolUse("call_1", "f", '{"a": [1, null]}')) == [
        {"toolUse": {"toolUseId": "call_1", "name": "f", "input": {"a": [1, None]}}}
    ]
    assert blocks_said(ToolUse("call_1", "f"))[0]["toolUse"]["input"] == {}


@pytest.mark.parametrize("arguments", ["{", "[1]", '"x"', "[" * 100_000])
def test_arguments_that_are_no_object_are_refused_by_the_calls_name(arguments):
    with pytest.raises(Refusal) as refused:
        write(said(ToolUse("call_1", "f", arguments)))
    assert refused.value.status == 400
    assert "call_1" in refused.value.sentence
    assert "(f)" in refused.value.sentence


def test_an_id_that_bedrock_refuses_is_the_same_for_call_and_result():
    long = "call|" + "x" * 80
    messages = [
        Message("user", [Text("Hi")]),
        Message("assistant", [ToolUse(long, "f")]),
        Message("tool", [ToolResult(long, [Text("x")])]),
    ]
    written = body(Conversation("openai_responses", MODEL, messages, tools=[Tool("f")]))["messages"]
    call = written[1]["content"][0]["toolUse"]["toolUseId"]
    assert call == written[2]["content"][0]["toolResult"]["toolUseId"]
    assert call != body(said(ToolUse(long + "y", "f")))["messages"][1]["content"][0]["toolUse"]["toolUseId"]


@given(st.text(max_size=90))
def test_any_id_becomes_one_that_bedrock_takes(given_id):
    assert ID.fullmatch(call_id(given_id))
    assert call_id(call_id(given_id)) == call_id(given_id)


def test_a_call_of_a_tool_with_free_text_is_a_loss():
    assert write(said(ToolUse("call_1", "f", "text", custom=True)))[1].refused == ["tools.custom"]


def test_a_result_may_fail_and_hold_images_documents_films_and_blocks_of_converses_own():
    own = Native("bedrock_converse", "json", {"json": {"a": 1}})
    parts = [
        Text("no"),
        Text(""),
        Refusing("I will not."),
        Media("image", "image/jpeg", "/9j/"),
        Media("document", "application/pdf", "JVBE", name="a.pdf"),
        Media("video", "video/mp4", "AAAA"),
        own,
    ]
    assert content(ToolResult("call_1", parts, error=True), tools=[Tool("f")]) == [
        {
            "toolResult": {
                "toolUseId": "call_1",
                "content": [
                    {"text": "no"},
                    {"text": "I will not."},
                    {"image": {"format": "jpeg", "source": {"bytes": "/9j/"}}},
                    {"document": {"format": "pdf", "name": "a", "source": {"bytes": "JVBE"}}},
                    {"video": {"format": "mp4", "source": {"bytes": "AAAA"}}},
                    {"json": {"a": 1}},
                ],
                "status": "error",
            }
        }
    ]


def test_a_sound_in_a_result_is_a_loss():
    result = ToolResult("call_1", [Text("x"), Media("audio", "audio/wav", "AAAA")])
    assert write(talk(result, tools=[Tool("f")]))[1].refused == ["audio.data"]


def test_a_cache_marker_stands_behind_what_it_keeps():
    parts = [Text("a", cache=Cache("5m")), ToolResult("call_1", [Text("b", cache=Cache())], cache=Cache())]
    blocks = content(*parts, tools=[Tool("f")])
    assert blocks[1] == {"cachePoint": {"type": "default", "ttl": "5m"}}
    assert blocks[3:] == [POINT], "two markers at one place are one"


def test_a_cache_marker_is_a_hint_for_models_without_cache():
    written, losses = write(talk(Text("a", cache=Cache()), model=LLAMA))
    assert written.body["messages"][0]["content"] == [{"text": "a"}]
    assert losses.hints == ["cache"]
    assert not losses.refused


def test_thoughts_go_back_with_their_signature():
    assert blocks_said(Thinking("hm", "sig", maker="bedrock_converse")) == [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}}
    ]
    assert blocks_said(Thinking("hm", "sig", maker="anthropic_messages")) == [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}}
    ]


def test_encrypted_thoughts_of_claudes_own_api_are_its_bytes():
    data = "EtkECkgIBxAB"
    own = base64.b64encode(data.encode()).decode()
    there = blocks_said(Thinking(redacted=data, maker="anthropic_messages"))
    assert there == blocks_said(Thinking(redacted=own, maker="bedrock_converse"))
    assert there == [{"reasoningContent": {"redactedContent": own}}]


@pytest.mark.parametrize("part", [Thinking("hm"), Thinking("hm", "sig", maker="gemini_generate")])
def test_thoughts_without_a_signature_of_its_own_are_no_good_to_claude_but_to_others(part):
    written, losses = write(said(part, Text("So.")))
    assert (losses.refused, losses.hints) == ([], ["thinking"])
    assert written.body["messages"][1]["content"] == [{"text": "So."}]
    assert blocks_said(part, model=MINIMAX) == [{"reasoningContent": {"reasoningText": {"text": "hm"}}}]


def test_claudes_thoughts_are_words_to_other_families():
    thought = Thinking("hm", "sig", maker="anthropic_messages")
    assert blocks_said(thought, model=MINIMAX) == [{"reasoningContent": {"reasoningText": {"text": "hm"}}}]
    hidden = Thinking(redacted="EtkE", maker="anthropic_messages")
    assert write(said(hidden, Text("So."), model=MINIMAX))[1].hints == ["thinking"]


def test_anothers_encrypted_thoughts_are_left_out():
    part = Thinking(redacted="opaque", maker="openai_responses")
    assert write(said(part, Text("So."), model=MINIMAX))[1].hints == ["thinking"]


def test_bedrocks_own_citations_go_back_and_others_are_left_out():
    native = {"title": "facts", "location": {"documentChar": {"documentIndex": 0, "start": 0, "end": 3}}}
    own = Text("It is.", [Citation("document", native=native, dialect="bedrock_converse")])
    assert blocks_said(own) == [{"citationsContent": {"content": [{"text": "It is."}], "citations": [native]}}]
    written, losses = write(said(Text("It is.", [Citation("url", "https://a.example")])))
    assert written.body["messages"][1]["content"] == [{"text": "It is."}]
    assert losses.hints == ["citations"]


def test_words_of_refusal_are_words():
    assert blocks_said(Refusing("I will not.")) == [{"text": "I will not."}]


def test_only_converses_own_blocks_pass():
    guarded = {"guardContent": {"text": {"text": "x", "qualifiers": ["query"]}}}
    assert content(Native("bedrock_converse", "guardContent", guarded)) == [guarded]
    foreign = Native("anthropic_messages", "container_upload", {})
    assert write(talk(Text("a"), foreign))[1].refused == ["container_upload"]
