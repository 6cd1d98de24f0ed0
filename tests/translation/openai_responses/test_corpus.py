"""Every recorded exchange of this dialect, of every provider that speaks it, through the codec and back."""

import json

import httpx
import openai
import pytest
from openai.types.responses import Response
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import TypeAdapter, ValidationError

from gateway.call import Refusal
from gateway.conversation.answer import Completion
from gateway.conversation.events import Failed
from gateway.conversation.parts import Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.openai_responses import CODEC
from gateway.translation.openai_responses.own import is_made
from gateway.wire.sse import Splitter
from tests import corpus
from tests.translation.openai_responses import recorded
from tests.translation.openai_responses.gathering import gathered

pytestmark = corpus.present

ASKED = CODEC.read_request({"model": "asked-for", "input": "Hello"})
PARAMS = TypeAdapter(ResponseCreateParams)


def without_nothing(value):
    """JSON without what says nothing: nulls, empty containers, and what happens anyway."""
    if isinstance(value, dict):
        kept = {name: without_nothing(inner) for name, inner in value.items() if inner not in (None, [], {}, "")}
        return {name: inner for name, inner in kept.items() if (name, inner) not in USUAL}
    return [without_nothing(inner) for inner in value] if isinstance(value, list) else value


USUAL = (("stream", False), ("truncation", "disabled"), ("detail", "auto"), ("background", False))


def same_form(body):
    """A request with the easy forms of items where two forms say the same."""
    body = without_nothing(body)
    if isinstance(body.get("input"), str):
        body["input"] = [{"role": "user", "content": body["input"]}]
    for item in body.get("input", ()):
        if "role" in item:
            ease(item)
    reasoning = body.get("reasoning", {})
    if "generate_summary" in reasoning:
        reasoning["summary"] = reasoning.pop("generate_summary")
    if body.get("text", {}).get("format") == {"type": "text"}:
        del body["text"]
    return body


def ease(message):
    """A message's easy form."""
    message.pop("type", None)
    content = message["content"] if isinstance(message["content"], list) else ()
    for part in content:
        part.pop("logprobs", None)
    if len(content) == 1 and set(content[0]) == {"type", "text"}:
        message["content"] = content[0]["text"]


def acceptable(body):
    """Whether the SDK's types take a request; an id of thoughts may be absent, as the API has it."""
    for item in body.get("input", ()) if isinstance(body.get("input"), list) else ():
        if item.get("type") == "reasoning":
            item.setdefault("id", "rs_0")
    try:
        PARAMS.validate_python(body)
        # Iterables are validated lazily: look at every tool and item.
        json.dumps(PARAMS.dump_python(PARAMS.validate_python(body)), default=list)
    except ValidationError:
        return False
    return True


NAMELESS = "openai-responses-stream-df6d08764d"
"""The one request that its provider refused, since a tool of it has no name."""


def test_recorded_requests_are_written_back_as_they_were():
    sent = {id: body for id, body in recorded.requests().items() if id != NAMELESS}
    assert len(sent) > 90
    for id, body in sent.items():
        conversation = CODEC.read_request(body)
        out, losses = recorded.written(conversation)
        assert same_form(out) == same_form(body), id
        assert (losses.refused, losses.hints) == ([], []), id
        assert CODEC.read_request(out) == conversation, id


def test_the_recorded_request_that_its_provider_refused_is_refused_here_for_the_same_reason():
    with pytest.raises(Refusal, match=r"tools\[0\].name"):
        CODEC.read_request(recorded.requests()[NAMELESS])


def test_recorded_requests_that_the_sdk_takes_are_written_so_that_it_takes_them():
    taken = [
        (id, body)
        for id, body in recorded.requests().items()
        if id != NAMELESS and acceptable(json.loads(json.dumps(body)))
    ]
    assert len(taken) > 60
    for id, body in taken:
        out, _ = recorded.written(CODEC.read_request(body))
        assert acceptable(out), id


def walked(response):
    """What an answer says, by a plain walk over its JSON."""
    texts, thoughts, calls, natives, refusals, cited = [], [], [], [], [], []
    for item in response["output"]:
        match item["type"]:
            case "message":
                for content in item["content"]:
                    if content["type"] == "output_text":
                        texts.append(content["text"])
                        cited += [note["url"] for note in content["annotations"]]
                    else:
                        refusals.append(content["refusal"])
            case "reasoning":
                said = item.get("content") or item["summary"]
                thoughts.append((item["id"], "\n\n".join(one["text"] for one in said)))
            case "function_call":
                calls.append((item["call_id"], item["name"], item["arguments"]))
            case kind:
                natives.append(kind)
    return texts, thoughts, calls, natives, refusals, cited


def told(completion):
    """The same of a completion."""
    parts = completion.candidates[0].parts
    return (
        [part.text for part in parts if isinstance(part, Text)],
        [(part.id, part.text) for part in parts if isinstance(part, Thinking)],
        [(part.id, part.name, part.arguments) for part in parts if isinstance(part, ToolUse)],
        [part.name for part in parts if isinstance(part, Native)],
        [part.text for part in parts if isinstance(part, Refusing)],
        [cited.url for part in parts if isinstance(part, Text) for cited in part.citations],
    )


def check(completion: Completion, response, id):
    assert told(completion) == walked(response), id
    assert (completion.id, completion.model) == (response["id"], response["model"]), id
    assert completion.created == int(response["created_at"]), id
    counts, usage = response["usage"], completion.usage
    assert usage.input_tokens == counts["input_tokens"], id
    assert usage.output_tokens == counts["output_tokens"], id
    assert usage.input_cached_tokens == counts["input_tokens_details"]["cached_tokens"], id
    assert usage.output_reasoning_tokens == counts["output_tokens_details"]["reasoning_tokens"], id
    if response["incomplete_details"]:
        wanted = {"max_output_tokens": "length"}[response["incomplete_details"]["reason"]]
    else:
        wanted = "tool_use" if walked(response)[2] else "stop"
    assert completion.candidates[0].reason == wanted, id


def test_recorded_answers_are_read_whole():
    assert len(recorded.answers()) > 50
    for id, answer in recorded.answers().items():
        check(CODEC.read_answer(answer), answer, id)


def last_of(events):
    """The response of a stream's last event."""
    return json.loads([event.text for event in events if event.text != b"[DONE]"][-1])["response"]


def test_recorded_streams_are_read_whole_and_in_order():
    assert len(recorded.streams()) > 40
    for id, events in recorded.streams().items():
        completion = gathered(recorded.neutral(events))
        check(completion, last_of(events), id)


def unsigned(completion):
    """A completion without what differs between an item's end and the last response: encrypted anew each time."""
    for part in completion.candidates[0].parts:
        if isinstance(part, Thinking):
            part.signature = part.signature[:4]
        if isinstance(part, Native) and isinstance(part.value, dict):
            part.value.pop("encrypted_content", None)
    return completion


def test_a_recorded_stream_says_the_same_as_its_last_response():
    for id, events in recorded.streams().items():
        whole = CODEC.read_answer(last_of(events))
        whole.extras = {}
        assert unsigned(gathered(recorded.neutral(events))) == unsigned(whole), id


def test_signatures_come_from_the_item_as_it_ended():
    signed = 0
    for events in recorded.streams().values():
        ended = {}
        for event in events:
            said = json.loads(event.text) if event.text != b"[DONE]" else {}
            if said.get("type") == "response.output_item.done" and said["item"]["type"] == "reasoning":
                ended[said["item"]["id"]] = said["item"].get("encrypted_content") or ""
        parts = gathered(recorded.neutral(events)).candidates[0].parts
        thoughts = [part for part in parts if isinstance(part, Thinking)]
        assert {part.id: part.signature for part in thoughts} == ended
        signed += any(ended.values())
    assert signed > 10


def distinct(completion):
    """A completion whose thoughts have no id that one before them has: xAI repeats ids, and the SDK refuses that."""
    seen = set()
    for part in completion.candidates[0].parts:
        if isinstance(part, Thinking):
            part.id = "" if part.id in seen or is_made(part.id) else part.id
            seen.add(part.id)
    return completion


def test_recorded_answers_written_again_are_what_the_sdk_takes_and_say_the_same():
    for id, answer in recorded.answers().items():
        completion = CODEC.read_answer(answer)
        written = CODEC.write_answer(completion, ASKED)
        parsed = Response.model_validate(written)
        assert parsed.output_text == "".join(walked(answer)[0]), id
        again = CODEC.read_answer(written)
        again.candidates[0].native_reason = completion.candidates[0].native_reason
        if completion.usage.input_cache_write_tokens is None:
            assert again.usage.input_cache_write_tokens == 0
            again.usage.input_cache_write_tokens = None
        assert distinct(again) == distinct(completion), id


def test_recorded_streams_written_again_have_the_same_response_at_their_end_as_the_whole_answer():
    for id, events in recorded.streams().items():
        stream = recorded.streamed(recorded.neutral(events), ASKED)
        said = recorded.parsed(stream)
        assert [one["sequence_number"] for one in said] == list(range(len(said))), id
        whole = CODEC.write_answer(gathered(recorded.neutral(events)), ASKED)
        assert said[-1]["response"] == whole, id
        Response.model_validate(said[-1]["response"])


def test_recorded_streams_read_and_written_and_read_again_say_the_same():
    for id, events in recorded.streams().items():
        first = gathered(recorded.neutral(events))
        stream = recorded.streamed(recorded.neutral(events), ASKED)
        second = gathered(recorded.neutral(Splitter().feed(stream)))
        if first.usage.input_cache_write_tokens is None:
            second.usage.input_cache_write_tokens = None
        assert second == first, id


def test_the_official_sdk_accumulates_every_recorded_stream_written_again():
    for id, events in recorded.streams().items():
        completion = gathered(recorded.neutral(events))
        stream = recorded.streamed(recorded.neutral(events), ASKED)
        headers = {"content-type": "text/event-stream"}
        answer = httpx.Response(200, headers=headers, content=stream)
        transport = httpx.MockTransport(lambda _, answer=answer: answer)
        sdk = openai.OpenAI(api_key="k", http_client=httpx.Client(transport=transport))
        with sdk, sdk.responses.stream(model="asked-for", input="Hello") as events_of_sdk:
            kinds = [event.type for event in events_of_sdk]
            if completion.candidates[0].reason == "length":
                assert kinds[-1] == "response.incomplete", id
                continue
            final = events_of_sdk.get_final_response()
        assert kinds[-1] == "response.completed", id
        assert final.output_text == "".join(told(completion)[0]), id
        assert final.usage.total_tokens == completion.usage.total_tokens, id


def test_a_recorded_stream_that_is_cut_short_fails():
    for id, events in recorded.streams().items():
        whole = [event for event in events if event.text != b"[DONE]"]
        found = recorded.neutral(whole[:-1])
        assert isinstance(found[-1], Failed), id
        assert found[-1].fault.status == 502, id
        assert sum(isinstance(event, Failed) for event in found) == 1, id


def test_recorded_errors_are_read_with_message_type_and_code():
    failed = [one for one in recorded.exchanges() if one.status >= 400]
    assert failed
    for one in failed:
        fault = CODEC.read_fault(one.status, one.body)
        said = json.loads(one.body)
        error = said["error"]
        assert fault.status == one.status
        if isinstance(error, str):
            assert (fault.message, fault.code) == (error, said["code"])
        else:
            assert fault.message == error["message"]
            assert (fault.kind, fault.code) == (error["type"], error["code"] or "")
            assert fault.param == (error["param"] or "")
            assert CODEC.write_fault(fault)["error"] == error
