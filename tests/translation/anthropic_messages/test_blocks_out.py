import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Cache, Citation, Media, Native, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.translation.anthropic_messages.blocks_out import call_id
from tests.translation.anthropic_messages.given import asked, body, said, sent


def blocks(*parts, role="assistant", **more):
    return body(asked([said("user", Text("Hello")), said(role, *parts)], **more))["messages"][-1]["content"]


def test_a_result_is_a_string_blocks_or_nothing():
    content = blocks(
        ToolResult("a", [Text("22 C")]),
        ToolResult("b", [Text("x"), Media("image", url="u")], error=True),
        ToolResult("c", [], cache=Cache()),
        ToolResult("d", [Text("")]),
        role="tool",
    )
    assert content[:4] == [
        {"type": "tool_result", "tool_use_id": "a", "content": "22 C"},
        {
            "type": "tool_result",
            "tool_use_id": "b",
            "content": [{"type": "text", "text": "x"}, {"type": "image", "source": {"type": "url", "url": "u"}}],
            "is_error": True,
        },
        {"type": "tool_result", "tool_use_id": "c", "cache_control": {"type": "ephemeral"}},
        {"type": "tool_result", "tool_use_id": "d"},
    ]


def test_a_call_has_an_object_and_an_id_that_is_taken():
    (call,) = blocks(ToolUse("functions.weather:0", "weather", '{"city":"Paris"}'))
    assert call["input"] == {"city": "Paris"}
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", call["id"])


@given(st.text(max_size=200), st.text(max_size=200))
def test_ids_stay_apart_and_a_good_one_stays(one, other):
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", call_id(one))
    assert call_id(call_id(one)) == call_id(one)
    assert (call_id(one) == call_id(other)) == (one == other)


def test_only_the_makers_own_thoughts_go_back():
    own = Thinking("Hm.", "c2ln", maker="anthropic_messages")
    hidden = Thinking(redacted="abc", maker="anthropic_messages")
    others = [Thinking("Ha.", "x", maker="gemini_generate"), Thinking("No one's.")]
    assert blocks(own, hidden, *others, Text("Hi")) == [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "abc"},
        {"type": "text", "text": "Hi"},
    ]


def test_words_of_a_refusal_are_words():
    assert blocks(Refusing("No.")) == "No."


def test_foreign_citations_stay_behind_and_own_ones_go():
    own = {"type": "char_location", "cited_text": "a"}
    part = Text("x", [Citation("url", "u"), Citation(native=own, dialect="anthropic_messages")])
    assert blocks(part) == [{"type": "text", "text": "x", "citations": [own]}]


def test_what_only_another_dialect_knows_is_lost_by_its_name():
    conversation = asked([said("user", Text("Hi"), Native("openai_responses", "file_search_call", {}))])
    assert sent(conversation)[1] == ["file_search_call"]


def test_a_call_of_a_free_text_tool_is_lost():
    assert sent(asked([said("user", Text("Hi")), said("assistant", ToolUse("a", "b", "x", custom=True))]))[1] == [
        "tools.custom"
    ]


def test_an_image_in_an_assistants_turn_is_lost():
    written, lost = sent(asked([said("user", Text("Hi")), said("assistant", Text("See"), Media("image", data="iVBO"))]))
    assert lost == ["image.data"]
    assert written["messages"][-1]["content"] == "See"
