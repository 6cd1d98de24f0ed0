"""A provider's stream becomes neutral events, in whatever order its events come."""

import json

import pytest

from gateway.conversation.events import Add, Close, Count, End, Failed, Finish, Logprobs, Open, Sign, Start
from gateway.conversation.parts import Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.openai_responses.answers_in import read_answer
from gateway.translation.openai_responses.reader import ResponsesReader
from tests.translation.openai_responses.gathering import gathered

NAME = "openai_responses"
CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "m", "created_at": 5}}


def completed(*output, **more):
    said = {"id": "resp_1", "model": "m", "created_at": 5, "status": "completed", "output": list(output), **more}
    return {"type": "response.completed", "response": said}


def read(*events, end=True):
    reader = ResponsesReader()
    found = [one for event in events for one in reader.read(b"", json.dumps(event).encode())]
    return [*found, *reader.end()] if end else found


def event(kind, index=0, **fields):
    return {"type": f"response.{kind}", "output_index": index, **fields}


def message(*contents):
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": list(contents)}


HI = {"type": "output_text", "text": "Hi", "annotations": []}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": '{"a":1}'}
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed"}


def test_text_with_log_probabilities():
    token = {"token": "Hi", "logprob": -1, "top_logprobs": []}
    assert read(
        CREATED,
        event("output_item.added", item=message()),
        event("content_part.added", content_index=0, part={**HI, "text": ""}),
        event("output_text.delta", content_index=0, delta="Hi", logprobs=[token]),
        event("output_text.done", content_index=0, text="Hi", logprobs=[token]),
        event("content_part.done", content_index=0, part={**HI, "logprobs": [token]}),
        event("output_item.done", item=message(HI)),
        completed(message(HI), usage={"input_tokens": 1, "output_tokens": 2}, service_tier="default"),
    )[:5] == [
        Start("resp_1", "m", 5),
        Open(0, 0, Text()),
        Add(0, 0, "Hi"),
        Logprobs(0, {"content": [token], "refusal": None}),
        Close(0, 0),
    ]


def test_usage_and_tier_come_at_the_end():
    events = read(CREATED, completed(usage={"input_tokens": 1, "output_tokens": 2}, service_tier="flex"))
    assert [type(one) for one in events] == [Start, Finish, Count, End]
    assert (events[2].usage.total_tokens, events[2].service_tier) == (3, "flex")


def test_arguments_without_deltas_are_taken_from_the_call_when_it_is_whole():
    events = read(
        CREATED,
        event("output_item.added", item={**CALL, "arguments": ""}),
        event("function_call_arguments.done", arguments=CALL["arguments"]),
        event("output_item.done", item=CALL),
        completed(CALL),
    )
    assert events[1:5] == [
        Open(0, 0, ToolUse("c1", "f")),
        Add(0, 0, '{"a":1}'),
        Close(0, 0),
        Finish(0, "tool_use", "completed"),
    ]


def test_deltas_that_stop_early_are_completed_from_the_whole():
    events = read(
        CREATED,
        event("output_item.added", item={**CALL, "arguments": ""}),
        event("function_call_arguments.delta", delta='{"a"'),
        event("output_item.done", item=CALL),
        completed(CALL),
    )
    assert [one.text for one in events if isinstance(one, Add)] == ['{"a"', ":1}"]


def test_free_text_calls():
    call = {"type": "custom_tool_call", "call_id": "c1", "name": "sh", "input": "ls -l"}
    events = read(
        CREATED,
        event("output_item.added", item={**call, "input": ""}),
        event("custom_tool_call_input.delta", delta="ls"),
        event("output_item.done", item=call),
        completed(call),
    )
    assert gathered(events).candidates[0].parts == [ToolUse("c1", "sh", "ls -l", custom=True)]


def test_further_summaries_are_set_off_by_two_line_breaks():
    thoughts = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"text": "One"}, {"text": "Two"}],
        "encrypted_content": "late",
    }
    events = read(
        CREATED,
        event("output_item.added", item={"type": "reasoning", "id": "rs_1", "encrypted_content": "early"}),
        event("reasoning_summary_part.added", item_id="rs_1", summary_index=0, part={"text": ""}),
        event("reasoning_summary_text.delta", item_id="rs_1", summary_index=0, delta="One"),
        event("reasoning_summary_part.added", item_id="rs_1", summary_index=1, part={"text": ""}),
        event("reasoning_summary_text.delta", item_id="rs_1", summary_index=1, delta="Two"),
        event("output_item.done", item=thoughts),
        completed(thoughts),
    )
    assert Sign(0, 0, "late", NAME) in events
    assert gathered(events).candidates[0].parts == [Thinking("One\n\nTwo", "late", id="rs_1", maker=NAME, summary=True)]


def test_open_thoughts_are_no_summary_and_stay_what_they_are():
    thoughts = {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"text": "Hm."}]}
    events = read(
        CREATED,
        event("content_part.added", item_id="rs_1", content_index=0, part={"type": "reasoning_text"}),
        event("reasoning_text.delta", item_id="rs_1", content_index=0, delta="Hm."),
        event("reasoning_summary_text.delta", item_id="rs_1", summary_index=0, delta="ignored"),
        event("content_part.done", content_index=0, part={"type": "reasoning_text", "text": "Hm."}),
        event("output_item.done", item=thoughts),
        completed(thoughts),
    )
    assert gathered(events).candidates[0].parts == [Thinking("Hm.", id="rs_1", maker=NAME)]


def test_a_providers_own_tools_are_given_out_when_they_are_whole():
    events = read(
        CREATED,
        event("output_item.added", item={**SEARCH, "status": "in_progress"}),
        event("web_search_call.searching", item_id="ws_1"),
        event("output_item.done", item=SEARCH),
        completed(SEARCH),
    )
    assert events[1:3] == [Open(0, 0, Native(NAME, "web_search_call", SEARCH)), Close(0, 0)]


def test_citations_come_once_whether_alone_or_only_with_the_whole():
    cited = [{"type": "url_citation", "url": f"https://{n}.example", "title": str(n)} for n in range(3)]
    whole = {**HI, "annotations": cited}
    events = read(
        CREATED,
        event("output_text.delta", content_index=0, delta="Hi"),
        event("output_text.annotation.added", content_index=0, annotation=cited[0]),
        event("content_part.done", content_index=0, part={**HI, "annotations": cited[:2]}),
        event("output_item.done", item=message(whole)),
        completed(message(whole)),
    )
    [text] = gathered(events).candidates[0].parts
    assert [one.title for one in text.citations] == ["0", "1", "2"]


def test_what_the_stream_left_out_is_taken_from_the_last_response():
    output = [message(HI, {"type": "refusal", "refusal": "No"}), CALL, SEARCH]
    for events in (read(completed(*output)), read(CREATED, completed(*output))):
        assert gathered(events).candidates == read_answer(completed(*output)["response"]).candidates


def test_items_of_the_last_response_that_came_already_do_not_come_again():
    ended = event("output_item.done", 5, item=CALL)
    assert gathered(read(CREATED, ended, completed(CALL))).candidates[0].parts == [ToolUse("c1", "f", '{"a":1}')]


def test_parts_may_be_open_side_by_side():
    other = {**CALL, "id": "fc_2", "call_id": "c2"}
    events = read(
        CREATED,
        event("output_item.added", 0, item={**CALL, "arguments": ""}),
        event("output_item.added", 1, item={**other, "arguments": ""}),
        event("function_call_arguments.delta", 1, delta='{"a":1}'),
        event("function_call_arguments.delta", 0, delta='{"a":1}'),
        event("output_item.done", 1, item=other),
        event("output_item.done", 0, item=CALL),
        completed(CALL, other),
    )
    assert [part.id for part in gathered(events).candidates[0].parts] == ["c1", "c2"]


def test_refusals_stream_like_words():
    refusal = {"type": "refusal", "refusal": "No way"}
    events = read(
        CREATED,
        event("content_part.added", content_index=0, part={"type": "refusal", "refusal": ""}),
        event("refusal.delta", content_index=0, delta="No"),
        event("output_item.done", item=message(refusal)),
        completed(message(refusal)),
    )
    found = gathered(events).candidates[0]
    assert (found.parts, found.reason) == ([Refusing("No way")], "refusal")


@pytest.mark.parametrize(
    ("last", "reason", "native"),
    [
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            "length",
            "max_output_tokens",
        ),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, *(("content_filter",) * 2)),
        ({"status": "cancelled"}, "other", "cancelled"),
    ],
)
def test_an_answer_that_is_not_whole_is_closed_all_the_same(last, reason, native):
    text = event("output_text.delta", content_index=0, delta="Hi")
    ended = {"type": f"response.{last['status']}", "response": {**last, "output": []}}
    events = read(CREATED, text, ended)
    assert events[2:] == [Add(0, 0, "Hi"), Close(0, 0), Finish(0, reason, native), End()]


@pytest.mark.parametrize(
    ("failing", "status", "message", "code"),
    [
        ({"type": "error", "code": "server_error", "message": "Oops"}, 500, "Oops", "server_error"),
        (
            {"type": "error", "error": {"code": "rate_limit_exceeded", "message": "Slow"}},
            429,
            "Slow",
            "rate_limit_exceeded",
        ),
        ({"error": {"message": "Oops", "type": "invalid_request_error"}}, 400, "Oops", ""),
        (
            {
                "type": "response.failed",
                "response": {"status": "failed", "error": {"code": "server_error", "message": "Oops"}},
            },
            500,
            "Oops",
            "server_error",
        ),
        ({"type": "response.failed", "response": {"status": "failed"}}, 500, "Internal Server Error", ""),
    ],
)
def test_an_error_ends_the_stream(failing, status, message, code):
    events = read(CREATED, failing, event("output_text.delta", delta="late"))
    assert [type(one) for one in events] == [Start, Failed]
    assert (events[1].fault.status, events[1].fault.message, events[1].fault.code) == (status, message, code)
