import json

import anthropic
import httpx2
import pytest

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.conversation.events import Add, Cite, Close, Count, End, Failed, Finish, Logprobs, Open, Sign, Start
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages import CODEC
from gateway.wire import sse
from tests.translation.anthropic_messages.given import whole
from tests.translation.anthropic_messages.recorded import written_all
from tests.translation.anthropic_messages.streamed import CLIENT, ended, put_together, written


def test_a_whole_stream_is_as_anthropic_sends_it():
    events = written(*ended(Open(0, 0, Text()), Add(0, 0, 'He"l'), Close(0, 0), usage=Usage(10, 2, 12, 4)))
    assert [one["type"] for one in events] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert events[0]["message"]["usage"] == {"input_tokens": 0, "output_tokens": 0}
    assert events[1] == {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    assert events[2] == {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": 'He"l'},
    }
    assert events[4]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert events[4]["usage"] == {
        "input_tokens": 6,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 4,
        "output_tokens": 2,
    }


def test_every_event_has_its_name():
    text = written_all(CODEC.writer(CLIENT), ended(Open(0, 0, Text()), Close(0, 0)))
    assert all(one.name.decode() == json.loads(one.text)["type"] for one in sse.Splitter().feed(text))


def test_tokens_in_that_are_known_at_once_stand_in_the_beginning():
    first, *_ = written(Start("a", "m"), Count(Usage(10, 1)), Open(0, 0, Text()))
    assert first["message"]["usage"]["input_tokens"] == 10


def test_the_beginning_is_not_kept_longer_than_one_event():
    writer = CODEC.writer(CLIENT)
    assert writer.write(Start("a", "m")) == b""
    assert b"message_start" in writer.write(Open(0, 0, Text()))


def test_a_call_begins_empty_and_its_arguments_follow():
    events = written(*ended(Open(0, 0, ToolUse("c1", "f")), Add(0, 0, '{"a":'), Add(0, 0, "1}"), Close(0, 0)))
    assert events[1]["content_block"] == {"type": "tool_use", "id": "c1", "name": "f", "input": {}}
    assert [one["delta"]["partial_json"] for one in events[2:5]] == ["", '{"a":', "1}"]
    message = put_together(events)
    assert message.content[0].input == {"a": 1}
    assert message.stop_reason == "tool_use"


def test_a_call_without_arguments_has_none():
    message = put_together(written(*ended(*whole(ToolUse("c1", "f")))))
    assert message.content[0].input == {}


def test_a_thoughts_signature_comes_last():
    events = written(
        *ended(
            Open(0, 0, Thinking(id="rs_1")),
            Add(0, 0, "Hm."),
            Sign(0, 0, "old", "openai_responses"),
            Sign(0, 0, "new", "openai_responses"),
            Close(0, 0),
        )
    )
    assert [one["delta"]["type"] for one in events[2:4]] == ["thinking_delta", "signature_delta"]
    block = put_together(events).content[0].to_dict()
    (back,) = (
        CODEC.read_request({"model": "m", "messages": [{"role": "assistant", "content": [block]}]}).messages[0].parts
    )
    assert back == Thinking("Hm.", "new", id="rs_1", maker="openai_responses")


def test_a_signed_call_brings_its_signature_in_a_block_of_its_own():
    call = ToolUse("c1", "f")
    message = put_together(
        written(*ended(Open(0, 0, call), Sign(0, 0, "c2ln", "gemini_generate"), Close(0, 0), *whole(Text("Hi"), 1)))
    )
    assert [one.type for one in message.content] == ["tool_use", "redacted_thinking", "text"]
    assert call == ToolUse("c1", "f"), "the event is not changed"
    content = [one.to_dict() for one in message.content]
    parts = (
        CODEC.read_request({"model": "m", "messages": [{"role": "assistant", "content": content}]}).messages[0].parts
    )
    assert parts == [ToolUse("c1", "f", signature="c2ln", maker="gemini_generate"), Text("Hi")]


def test_parts_that_are_open_side_by_side_go_out_one_after_another():
    events = written(
        *ended(
            Open(0, 0, Text()),
            Open(0, 1, ToolUse("c1", "f")),
            Open(0, 2, ToolUse("c2", "g")),
            Add(0, 2, '{"b":'),
            Add(0, 1, '{"a":1}'),
            Add(0, 0, "Hi"),
            Add(0, 2, "2}"),
            Close(0, 2),
            Close(0, 1),
            Close(0, 0),
        )
    )
    indexes = [one["index"] for one in events if "index" in one]
    assert indexes == sorted(indexes)
    opened = 0
    for one in events:
        opened += (one["type"] == "content_block_start") - (one["type"] == "content_block_stop")
        assert opened <= 1
    message = put_together(events)
    assert [getattr(one, "input", None) for one in message.content] == [None, {"a": 1}, {"b": 2}]


def test_a_part_that_is_never_closed_is_closed_in_the_end():
    events = written(*ended(Open(0, 0, Text()), Open(0, 1, Text()), Add(0, 1, "b")))
    assert [one["type"] for one in events].count("content_block_stop") == 2
    assert [one.text for one in put_together(events).content] == ["", "b"]


def test_what_waits_is_bounded_and_then_goes_out_side_by_side():
    piece = "x" * 2**20
    writer = CODEC.writer(CLIENT)
    out = written_all(writer, [Start(), Open(0, 0, Text()), Open(0, 1, ToolUse("c", "f")), Add(0, 0, "a")])
    waiting = [writer.write(Add(0, 1, piece)) for _ in range(6)]
    assert [bool(one) for one in waiting] == [False, False, False, False, True, True]
    out += b"".join(waiting) + written_all(writer, [Add(0, 0, "b"), Close(0, 0), Close(0, 1), Finish(0, "stop"), End()])
    events = [json.loads(one.text) for one in sse.Splitter().feed(out)]
    texts = "".join(one["delta"].get("partial_json", "") for one in events if one["type"] == "content_block_delta")
    assert texts == piece * 6
    assert [one["index"] for one in events if one["type"] == "content_block_stop"] == [0, 1]


def test_a_citation_is_a_delta():
    message = put_together(
        written(*ended(Open(0, 0, Text()), Add(0, 0, "x"), Cite(0, 0, Citation("url", "u")), Close(0, 0)))
    )
    assert message.content[0].citations[0].url == "u"


def test_whole_parts_go_out_whole():
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    found = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
    events = written(
        *ended(
            *whole(Native("anthropic_messages", "server_tool_use", search), 0),
            *whole(Native("anthropic_messages", "web_search_tool_result", found), 1),
            *whole(Native("openai_responses", "web_search_call", {}), 2),
            *whole(Thinking(redacted="abc", maker="anthropic_messages"), 3),
            *whole(Media("image", "image/png", "iVBO"), 4),
            *whole(Text(), 5),
        )
    )
    starts = [one["content_block"] for one in events if one["type"] == "content_block_start"]
    assert starts[0] == {**search, "input": {}}
    assert starts[1:3] == [found, {"type": "redacted_thinking", "data": "abc"}]
    assert [one["index"] for one in events if one["type"] == "content_block_stop"] == [0, 1, 2, 3, 4]
    del events[7:9]
    assert {**search} == put_together(events[:5] + events[-2:]).content[0].to_dict()


def test_a_refusal_is_words_and_a_reason():
    message = put_together(written(*ended(Open(0, 0, Refusing()), Add(0, 0, "No."), Close(0, 0))))
    assert (message.content[0].text, message.stop_reason) == ("No.", "refusal")


def test_other_candidates_and_what_has_no_place_are_passed_over():
    events = written(
        Start("a", "m"),
        Open(1, 0, Text()),
        Open(0, 0, Text()),
        Add(1, 0, "no"),
        Logprobs(0, {}),
        Add(0, 0, "yes"),
        Add(0, 7, "stray"),
        Close(0, 7),
        Close(0, 0),
        Finish(1, "length"),
        Finish(0, "stop_sequence", "stop_sequence", "END"),
        End(),
    )
    message = put_together(events)
    assert [one.text for one in message.content] == ["yes"]
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "END")


def test_a_failure_is_an_error_event_and_the_last():
    writer = CODEC.writer(CLIENT)
    out = written_all(writer, [Start("a", "m"), Open(0, 0, Text()), Failed(Fault(529, "Busy", request_id="r"))])
    last = sse.Splitter().feed(out)[-1]
    assert last.name == b"error"
    assert json.loads(last.text) == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Busy"},
        "request_id": "r",
    }
    assert written_all(writer, [Add(0, 0, "x"), End(), Failed(Fault(500, ""))]) == b""


def test_an_answer_that_is_only_an_end_is_a_message_too():
    assert put_together(written(End())).content == []


def served(text):
    """The official SDK, to which this stream is the answer."""
    headers = {"content-type": "text/event-stream"}
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, headers=headers, content=text))
    return anthropic.Anthropic(api_key="k", max_retries=0, http_client=httpx2.Client(transport=transport))


ASKED = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


def test_the_official_sdk_reads_the_stream():
    text = written_all(CODEC.writer(CLIENT), ended(*whole(Text()), *whole(ToolUse("c", "f"), 1), usage=Usage(3, 2)))
    with served(text).messages.stream(**ASKED) as stream:
        message = stream.get_final_message()
    assert [one.type for one in message.content] == ["text", "tool_use"]
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 2)


def test_the_official_sdk_raises_from_a_failure_in_mid_stream():
    text = written_all(CODEC.writer(CLIENT), [Start("a", "m"), Open(0, 0, Text()), Failed(Fault(529, "Busy"))])
    with pytest.raises(anthropic.APIStatusError, match="Busy"), served(text).messages.stream(**ASKED) as stream:
        stream.get_final_message()
