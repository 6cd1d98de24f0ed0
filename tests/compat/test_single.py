"""One tool call at a time, of a provider that makes several."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compat import whole
from gateway.compat.single import Single, first_alone
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Text, Thinking, ToolUse
from tests.compat.scripted import CHAT, MESSAGES, RESPONSES, Provider, events, google, says, serve, streams, unified

CALLS = {
    "candidates": [
        {
            "index": 0,
            "finishReason": "STOP",
            "content": {
                "role": "model",
                "parts": [
                    {"text": "Let me look."},
                    {"functionCall": {"name": "weather", "args": {"city": "Oslo"}}, "thoughtSignature": "c2ln"},
                    {"functionCall": {"name": "weather", "args": {"city": "Rome"}}},
                    {"functionCall": {"name": "time", "args": {}}},
                ],
            },
        }
    ],
    "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 3, "totalTokenCount": 5},
}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
ONE_IN_CHAT = {"parallel_tool_calls": False, "tools": [{"type": "function", "function": {"name": "weather"}}]}
ONE_IN_RESPONSES = {
    "parallel_tool_calls": False,
    "tools": [{"type": "function", "name": "weather", "parameters": PARAMETERS, "strict": False}],
}
ONE_IN_MESSAGES = {
    "max_tokens": 9,
    "tools": [{"name": "weather", "input_schema": PARAMETERS}],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
}


def ask(path, more, **also):
    content = {"input": "Hi"} if path == RESPONSES else {"messages": [{"role": "user", "content": "Hi"}]}
    return unified(path, {"model": "google-ai-studio/gemini-x", **content, **more, **also})


def in_chat(said):
    return [
        (one["function"]["name"], json.loads(one["function"]["arguments"]))
        for one in said["choices"][0]["message"]["tool_calls"]
    ]


def in_responses(said):
    calls = [one for one in said["output"] if one["type"] == "function_call"]
    return [(one["name"], json.loads(one["arguments"])) for one in calls]


def in_messages(said):
    return [(one["name"], one["input"]) for one in said["content"] if one["type"] == "tool_use"]


@pytest.mark.parametrize(
    ("path", "more", "calls"),
    [
        (CHAT, ONE_IN_CHAT, in_chat),
        (RESPONSES, ONE_IN_RESPONSES, in_responses),
        (MESSAGES, ONE_IN_MESSAGES, in_messages),
    ],
    ids=["chat", "responses", "messages"],
)
def test_who_wants_one_call_at_a_time_gets_the_first(path, more, calls):
    reply, text = serve(ask(path, more), Provider(says(CALLS)))
    assert reply.status == 200
    assert calls(json.loads(text)) == [("weather", {"city": "Oslo"})]
    assert b"cf-aig-dropped" not in dict(reply.headers)
    assert len(calls(json.loads(serve(ask(path, without(more)), Provider(says(CALLS)))[1]))) == 3


def without(more):
    """The same, with several calls allowed."""
    return {name: value for name, value in more.items() if name not in ("parallel_tool_calls", "tool_choice")}


def test_so_does_who_streams():
    stream = streams(*[b"data: " + msgspec.json.encode(CALLS) + b"\n\n"])
    _, text = serve(ask(CHAT, ONE_IN_CHAT, stream=True), Provider(stream))
    deltas = [choice["delta"] for event in events(text) for choice in event["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert {call["index"] for call in calls} == {0}
    assert [call["function"]["name"] for call in calls if call["function"].get("name")] == ["weather"]
    assert json.loads("".join(call["function"].get("arguments", "") for call in calls)) == {"city": "Oslo"}
    assert "".join(delta.get("content") or "" for delta in deltas) == "Let me look."


def test_a_chat_provider_that_does_not_know_the_word_is_not_told_it():
    provider = Provider(says({"choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "Hi"}}]}))
    call = unified(MESSAGES, {"model": "baseten/m", "messages": [{"role": "user", "content": "Hi"}], **ONE_IN_MESSAGES})
    assert serve(call, provider)[0].status == 200
    assert "parallel_tool_calls" not in provider.body
    assert "tools" in provider.body


class Heard:
    """A client's stream as the events that it is written from."""

    def __init__(self):
        self.events = []

    def write(self, event):
        self.events.append(msgspec.structs.replace(event))
        return b""


PARTS = st.lists(
    st.builds(Text, st.text(min_size=1, max_size=3))
    | st.builds(Thinking, st.text(min_size=1, max_size=3))
    | st.builds(ToolUse, st.text("ab", min_size=1, max_size=3), st.just("f"), st.just("{}")),
    max_size=6,
)


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_a_stream_and_a_whole_answer_keep_the_same_parts_in_one_row(candidates):
    def made():
        return Completion(
            candidates=[Candidate(list(parts), "stop", index=index) for index, parts in enumerate(candidates)]
        )

    single, plain, wanted = Single(Heard()), Heard(), made()
    for event in whole.events(made()):
        single.write(event)
    first_alone(wanted)
    for event in whole.events(wanted):
        plain.write(event)
    assert single.writer.events == plain.events
    for candidate in wanted.candidates:
        assert sum(isinstance(part, ToolUse) for part in candidate.parts) <= 1


def test_googles_own_clients_are_not_concerned():
    _, text = serve(google(b"google-ai-studio/gemini-x"), Provider(says(CALLS)))
    assert json.loads(text) == CALLS
