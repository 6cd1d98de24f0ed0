from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Cache, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message
from tests.translation.anthropic_messages.given import asked, body, said, sent


def turns(*messages, **more):
    written = body(asked(list(messages), **more))
    return written.get("system"), [(turn["role"], turn["content"]) for turn in written["messages"]]


def text(words):
    return {"type": "text", "text": words}


def test_system_and_developer_messages_are_the_system_prompt_wherever_they_stood():
    assert turns(
        said("system", Text("a")), said("developer", Text("b")), said("user", Text("Hi")), said("system", Text("c"))
    ) == ([text("a"), text("b"), text("c")], [("user", "Hi")])


def test_turns_alternate_and_results_come_before_words():
    call = {"type": "tool_use", "id": "c1", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "1"}
    assert turns(
        said("user", Text("a")),
        said("user", Text("b")),
        said("assistant", Text("c")),
        said("assistant", ToolUse("c1", "f")),
        said("user", Text("d")),
        said("tool", ToolResult("c1", [Text("1")])),
    )[1] == [
        ("user", [text("a"), text("b")]),
        ("assistant", [text("c"), call]),
        ("user", [result, text("d")]),
    ]


def test_blank_words_are_left_out_and_turns_that_hold_nothing_else():
    assert turns(
        said("user", Text("a"), Text("")),
        said("assistant", Text(" \n")),
        said("assistant", Thinking("Hm.", maker="gemini_generate")),
        said("user", Text("b")),
    )[1] == [("user", [text("a"), text("b")])]


def test_an_assistants_last_words_are_its_first():
    assert turns(said("user", Text("Hi")), said("assistant", Text("The answer is")))[1][-1] == (
        "assistant",
        "The answer is",
    )


def test_a_prompt_that_is_all_system_is_sent_as_the_users():
    assert turns(said("system", Text("Say hi."))) == (None, [("user", "Say hi.")])


def test_a_marker_keeps_its_block():
    assert turns(said("user", Text("a", cache=Cache("1h"))))[1] == [
        ("user", [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}])
    ]


def test_a_participants_name_is_lost():
    assert sent(asked([Message("user", [Text("Hi")], "Ann")]))[1] == ["name"]


ROLES = st.sampled_from(["system", "developer", "user", "assistant", "tool"])


@given(st.lists(st.tuples(ROLES, st.sampled_from(["", " ", "a", "b"])), max_size=8))
def test_whatever_is_said_turns_alternate_and_none_is_empty(messages):
    conversation = asked(
        [said(role, ToolResult("t", [Text(words)]) if role == "tool" else Text(words)) for role, words in messages]
    )
    roles = [turn["role"] for turn in body(conversation)["messages"]]
    assert all(one != other for one, other in pairwise(roles))
    assert all(turn["content"] for turn in body(conversation)["messages"])
