"""Neutral events become a stream that the official SDK accumulates."""

import json

import httpx
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion, Fault
from gateway.conversation.events import (
    Add,
    Cite,
    Close,
    Count,
    End,
    Failed,
    Finish,
    Logprobs,
    Open,
    Sign,
    Start,
)
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.openai_responses.answers_out import write_answer
from gateway.translation.openai_responses.requests_in import read_request
from gateway.translation.openai_responses.writer import ResponsesWriter
from tests.translation.openai_responses.recorded import parsed, streamed

NAME = "openai_responses"
ASKED = read_request({"model": "asked", "input": "Hi"})
EVENT = TypeAdapter(ResponseStreamEvent)
BEGIN = Start("resp_1", "m", 5)


def events_of(*parts, reason="stop", size=3):
    """A whole answer as events, its text in pieces of `size` characters."""
    events = [BEGIN]
    for at, part in enumerate(parts):
        events += events_of_part(at, part, size)
    return [*events, Finish(0, reason), Count(Usage(1, 2, 3)), End()]


def events_of_part(at, part, size=3):
    match part:
        case ToolUse():
            text, empty = part.arguments, ToolUse(part.id, part.name, custom=part.custom)
        case Thinking():
            text, empty = part.text, Thinking(id=part.id, summary=part.summary, maker=part.maker)
        case Text() | Refusing():
            text, empty = part.text, type(part)()
        case _:
            return [Open(0, at, part), Close(0, at)]
    adds = [Add(0, at, text[n : n + size]) for n in range(0, len(text), size)]
    signs = [Sign(0, at, part.signature, part.maker)] if getattr(part, "signature", "") else []
    cites = [Cite(0, at, one) for one in getattr(part, "citations", ())]
    return [Open(0, at, empty), *adds, *signs, *cites, Close(0, at)]


def said(*events):
    """The events of a stream, each of which the SDK has a type for, numbered in order."""
    found = parsed(streamed(events, ASKED))
    assert [one["sequence_number"] for one in found] == list(range(len(found)))
    for one in found:
        EVENT.validate_python(one)
    return found


def kinds(*events):
    return [one["type"].removeprefix("response.") for one in said(*events)]


def from_sdk(content):
    """What the official SDK makes of a stream's bytes: its events' types and the final response."""
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content)
    transport = httpx.MockTransport(lambda _: answer)
    sdk = openai.OpenAI(api_key="k", http_client=httpx.Client(transport=transport))
    with sdk, sdk.responses.stream(model="asked", input="Hi") as stream:
        found = [event.type for event in stream]
        return found, stream.get_final_response()


def test_the_order_of_a_text():
    assert kinds(*events_of(Text("Hello"))) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_the_order_of_a_call_and_of_a_free_text_call():
    assert kinds(*events_of(ToolUse("c", "f", "{}"), ToolUse("d", "sh", "ls", custom=True)))[2:-1] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
    ]


def test_the_order_of_thoughts_as_summaries_and_as_open_text():
    assert kinds(*events_of(Thinking("A\n\n**B**", "sig", maker="anthropic_messages"), size=99))[2:-1] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    assert kinds(*events_of(Thinking("A", maker=NAME)))[2:-1] == [
        "output_item.added",
        "content_part.added",
        "reasoning_text.delta",
        "reasoning_text.done",
        "content_part.done",
        "output_item.done",
    ]
    assert kinds(*events_of(Thinking("", "sig", maker=NAME)))[2:-1] == ["output_item.added", "output_item.done"]


def test_a_text_with_citations_and_log_probabilities():
    cited = Citation("url", "https://example.com", "Example", start=0, end=2)
    token = {"token": "Hi", "logprob": -1, "bytes": [72, 105], "top_logprobs": []}
    text = [Open(0, 0, Text()), Add(0, 0, "Hi"), Logprobs(0, {"content": [token], "refusal": None})]
    found = said(BEGIN, *text, Cite(0, 0, cited), Close(0, 0), Finish(0, "stop"), End())
    assert [one["logprobs"] for one in found if one["type"] == "response.output_text.delta"] == [[], [token]]
    [content] = found[-1]["response"]["output"][0]["content"]
    assert content["logprobs"] == [token]
    assert content["annotations"] == [
        one["annotation"] for one in found if one["type"] == "response.output_text.annotation.added"
    ]


def test_the_sdk_gets_text_thoughts_and_calls():
    parts = [
        Thinking("Let me think.\n\n**Then** act.", "sig", maker="anthropic_messages"),
        Text("I will "),
        Text("look."),
        ToolUse("c1", "f", '{"a":1}', signature="SIG", maker="gemini_generate"),
        ToolUse("c2", "g"),
    ]
    found, final = from_sdk(streamed(events_of(*parts, reason="tool_use"), ASKED))
    assert found[-1] == "response.completed"
    assert final.output_text == "I will look."
    assert [(one.name, one.arguments) for one in final.output if one.type == "function_call"] == [
        ("f", '{"a":1}'),
        ("g", "{}"),
    ]
    sealed = [one.encrypted_content for one in final.output if one.type == "reasoning"]
    assert sealed == ["gw~anthropic_messages~sig", "gw~gemini_generate~call~c1~SIG"]
    assert final.usage.total_tokens == 3


def test_calls_that_are_open_side_by_side_and_words_that_go_on_meanwhile():
    events = [
        BEGIN,
        Open(0, 0, Text()),
        Add(0, 0, "a"),
        Open(0, 1, ToolUse("c1", "f")),
        Open(0, 2, ToolUse("c2", "g")),
        Add(0, 2, '{"b":'),
        Add(0, 1, '{"a":1}'),
        Add(0, 0, "b"),
        Add(0, 2, "2}"),
        Close(0, 1),
        Close(0, 0),
        Finish(0, "tool_use"),
        End(),
    ]
    said(*events)
    _, final = from_sdk(streamed(events, ASKED))
    assert final.output_text == "ab"
    assert [one.arguments for one in final.output[1:]] == ['{"a":1}', '{"b":2}']


def test_thoughts_with_the_same_id_are_told_apart_for_the_sdk():
    _, final = from_sdk(streamed(events_of(Thinking("a", id="rs_x"), Thinking("b", id="rs_x")), ASKED))
    assert len({one.id for one in final.output}) == 2


def test_an_answer_that_stopped_early_is_incomplete():
    last = said(*events_of(Text("Hel"), reason="length"))[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert last["response"]["output"][0]["status"] == "incomplete"


def test_an_answer_that_failed_says_so_in_its_response():
    last = said(*events_of(Text("Hel"), reason="malformed"))[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")


def test_an_error_in_the_middle_is_raised_by_the_sdk():
    fault = Fault(429, "Slow down", "rate_limit_error", "rate_limit_exceeded")
    stream = streamed([BEGIN, Open(0, 0, Text()), Add(0, 0, "Hel"), Failed(fault), End()], ASKED)
    [*_, failed, error] = parsed(stream)
    assert failed["response"]["error"] == {"code": "rate_limit_exceeded", "message": "Slow down"}
    assert (error["type"], error["code"], error["error"]["type"]) == (
        "error",
        "rate_limit_exceeded",
        "rate_limit_error",
    )
    assert error["sequence_number"] == failed["sequence_number"] + 1
    with pytest.raises(openai.APIError, match="Slow down") as raised:
        from_sdk(stream)
    assert raised.value.code == "rate_limit_exceeded"


def test_an_error_before_anything_is_only_an_error():
    [error] = parsed(streamed([Failed(Fault(502, "Gone"))], ASKED))
    assert (error["type"], error["message"], error["error"]["type"]) == ("error", "Gone", "api_error")


def test_nothing_is_written_after_the_end():
    writer = ResponsesWriter(ASKED)
    assert writer.write(BEGIN)
    assert writer.write(End())
    assert [writer.write(event) for event in (Add(0, 0, "x"), End(), Failed(Fault(500, "x")))] == [b"", b"", b""]


def test_an_answer_without_a_beginning_is_begun():
    found = kinds(Open(0, 0, Text()), Add(0, 0, "Hi"), End())
    assert found[:2] == ["created", "in_progress"]
    assert found[-1] == "completed"


def test_other_candidates_are_not_written():
    other = [Open(1, 0, Text()), Add(1, 0, "b"), Cite(1, 0, Citation()), Close(1, 0), Finish(1, "length")]
    events = events_of(Text("a"))
    assert kinds(*events[:2], *other, *events[2:]) == kinds(*events)


def test_counts_add_up_field_by_field():
    first = Count(Usage(input_tokens=5, input_cached_tokens=2))
    last = said(BEGIN, first, Finish(0, "stop"), Count(Usage(output_tokens=4), "flex"), End())[-1]["response"]
    assert (last["usage"]["input_tokens"], last["usage"]["output_tokens"]) == (5, 4)
    assert last["usage"]["input_tokens_details"]["cached_tokens"] == 2
    assert last["service_tier"] == "flex"
    assert first.usage.output_tokens is None


def test_a_part_that_begins_with_text_in_it_has_it_written():
    last = said(BEGIN, Open(0, 0, Text("Hi")), Open(0, 1, ToolUse("c", "f", "{}")), Finish(0, "stop"), End())[-1]
    assert Response.model_validate(last["response"]).output_text == "Hi"
    assert last["response"]["output"][1]["arguments"] == "{}"


WORDS = st.text("ab*\n", max_size=12)
THOUGHTS = st.builds(Thinking, WORDS, WORDS, maker=st.sampled_from([NAME, "anthropic_messages"]), summary=st.booleans())
CALLS = st.builds(
    ToolUse, st.text("xyz", min_size=1), WORDS, WORDS, st.booleans(), st.sampled_from(["", "SIG"]), st.just("gemini")
)
TEXTS = st.builds(Text, WORDS, st.lists(st.builds(Citation, url=WORDS), max_size=2))
OTHERS = st.sampled_from(
    [
        Media("image", "image/png", data="AAAA"),
        Media("audio", "audio/wav", data="AAAA"),
        Native(NAME, "web_search_call", {"type": "web_search_call", "id": "ws_1"}),
        Native("anthropic_messages", "server_tool_use", {}),
    ]
)
PARTS = st.lists(THOUGHTS | CALLS | TEXTS | st.builds(Refusing, WORDS) | OTHERS, max_size=5)
REASONS = st.sampled_from(["stop", "length", "tool_use", "refusal", "content_filter", "pause", "malformed", "other"])


@settings(deadline=None)
@given(PARTS, REASONS, st.integers(1, 5))
def test_a_stream_ends_with_the_same_response_as_the_whole_answer(parts, reason, size):
    events = events_of(*parts, reason=reason, size=size)
    found = parsed(streamed(events, ASKED))
    completion = Completion("resp_1", "m", 5, [Candidate(parts, reason)], Usage(1, 2, 3))
    whole = write_answer(completion, ASKED)
    assert found[-1]["response"] == json.loads(json.dumps(whole))
    deltas = [one["delta"] for one in found if one["type"] == "response.output_text.delta"]
    assert "".join(deltas) == "".join(part.text for part in parts if isinstance(part, Text))
    sections = [one for one in found if one["type"] == "response.reasoning_summary_text.done"]
    shown = [one["text"] for item in whole["output"] if item["type"] == "reasoning" for one in item["summary"]]
    assert [one["text"] for one in sections] == shown
