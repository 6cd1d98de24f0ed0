"""Streams for clients: the bytes, and what the official SDK makes of them."""

import json

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.conversation.events import Add, Cite, Close, Count, End, Failed, Finish, Logprobs, Open, Sign, Start
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Reasoning
from gateway.translation.openai_chat import CODEC
from gateway.translation.openai_chat.requests_in import LegacyConversation
from tests.translation.openai_chat.plain import stream
from tests.translation.openai_chat.test_faults import client
from tests.translation.openai_chat.whole import asking, written

BEGIN = Start("1", "m", 5, "default", "fp")
HEAD = b'data: {"id":"1","object":"chat.completion.chunk","created":5,"model":"m","service_tier":"default",'
HEAD += b'"system_fingerprint":"fp","choices":['
END = [Finish(0, "stop", "stop"), Count(Usage(3, 4, 7)), End()]


def part(at, part, *texts):
    return [Open(0, at, part), *[Add(0, at, text) for text in texts], Close(0, at)]


def deltas(*events, asked=None):
    """What each chunk adds to the first choice, from the first one after the role."""
    body = written([BEGIN, *events], asked)
    return [chunk["choices"][0]["delta"] for chunk in stream(body) if chunk["choices"]][1:]


def test_the_bytes_of_a_plain_stream():
    body = written([BEGIN, *part(0, Text(), "a", "b"), *END], asking(include_usage=True))
    null = b',"logprobs":null,"finish_reason":null}],"usage":null}\n\n'
    assert body == b"".join(
        (
            HEAD + b'{"index":0,"delta":{"role":"assistant","content":"","refusal":null}' + null,
            HEAD + b'{"index":0,"delta":{"content":"a"}' + null,
            HEAD + b'{"index":0,"delta":{"content":"b"}' + null,
            HEAD + b'{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}\n\n',
            HEAD + b'],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n',
            b"data: [DONE]\n\n",
        )
    )


def test_a_stream_without_id_and_model_gets_both_the_same_in_every_chunk():
    chunks = stream(written([Start(), *part(0, Text(), "a"), *END], asking(include_usage=True)))
    ((id, model),) = {(chunk["id"], chunk["model"]) for chunk in chunks}
    assert id.startswith("chatcmpl-")
    assert model == asking().model


def test_usage_is_told_only_to_those_who_asked():
    body = written([BEGIN, *part(0, Text(), "a"), *END])
    assert b"usage" not in body
    assert body.endswith(b"data: [DONE]\n\n")


def test_counts_add_up_field_by_field_and_the_tier_may_come_late():
    counts = [Count(Usage(3, 1, 4)), Count(Usage(output_tokens=4, total_tokens=7), "flex")]
    *_, last = stream(written([Start("1", "m", 5), END[0], *counts, End()], asking(include_usage=True)))
    assert last["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert last["service_tier"] == "flex"


def test_thoughts_with_their_proof_when_they_are_whole():
    said = deltas(
        Open(0, 0, Thinking()), Add(0, 0, "h"), Add(0, 0, "m"), Sign(0, 0, "c2ln", "anthropic_messages"), Close(0, 0)
    )
    item = {"type": "reasoning.text", "text": "hm", "signature": "gw~anthropic_messages~c2ln"}
    item |= {"format": "anthropic-claude-v1", "index": 0}
    assert said == [{"reasoning_content": "h"}, {"reasoning_content": "m"}, {"reasoning_details": [item]}]


def test_encrypted_thoughts():
    said = deltas(*part(0, Thinking(redacted="ZW5j", id="rs_1", maker="openai_responses")))
    item = {"type": "reasoning.encrypted", "data": "gw~openai_responses~ZW5j", "id": "rs_1"}
    assert said == [{"reasoning_details": [item | {"format": "openai-responses-v1", "index": 0}]}]


def test_a_client_that_wants_no_thoughts_gets_none():
    asked = asking(reasoning=Reasoning(show=False))
    thought = [Open(0, 0, Thinking()), Add(0, 0, "hm"), Sign(0, 0, "c2ln", "x"), Close(0, 0)]
    assert deltas(*thought, *part(1, Text(), "a"), asked=asked) == [{"content": "a"}]


def test_calls_side_by_side_are_numbered_among_themselves():
    said = deltas(
        *part(0, Text(), "x"),
        Open(0, 1, ToolUse("1", "f")),
        Open(0, 2, ToolUse("2", "c", custom=True)),
        Add(0, 2, "free"),
        Add(0, 1, "{}"),
        Sign(0, 1, "c2ln", "gemini_generate"),
    )
    extra = {"google": {"thought_signature": "gw~gemini_generate~c2ln"}}
    assert [delta["tool_calls"][0] for delta in said[1:]] == [
        {"index": 0, "id": "1", "type": "function", "function": {"name": "f", "arguments": ""}},
        {"index": 1, "id": "2", "type": "custom", "custom": {"name": "c", "input": ""}},
        {"index": 1, "custom": {"input": "free"}},
        {"index": 0, "function": {"arguments": "{}"}},
        {"index": 0, "function": {"arguments": ""}, "extra_content": extra},
    ]


def test_a_legacy_client_gets_a_function_call():
    asked = LegacyConversation("openai_chat", "m", [], stream=True)
    events = [*part(0, ToolUse("1", "f"), "{}"), *part(1, ToolUse("2", "g"), "{}"), Finish(0, "tool_use")]
    assert deltas(*events, asked=asked) == [
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": "{}"}},
        {},
    ]
    assert b'"finish_reason":"function_call"' in written([BEGIN, *events], asked)


def test_citations_count_from_the_beginning_of_all_texts():
    cited = Cite(0, 1, Citation(url="https://x", title="X", start=0, end=2))
    said = deltas(*part(0, Text(), "abc"), Open(0, 1, Text()), Add(0, 1, "de"), cited, Close(0, 1), END[0])
    page = said[-2]["annotations"][0]["url_citation"]
    assert page == {"url": "https://x", "title": "X", "start_index": 3, "end_index": 5}


def test_citations_go_out_all_at_once_so_that_the_sdks_helper_takes_them():
    cited = [Cite(0, at, Citation(url=f"https://{at}", start=0, end=1)) for at in (0, 1)]
    texts = [event for at in (0, 1) for event in (Open(0, at, Text()), Add(0, at, "a"), cited[at], Close(0, at))]
    state = ChatCompletionStreamState()
    for chunk in stream(written([BEGIN, *texts, *END])):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    noted = state.get_final_completion().choices[0].message.annotations
    assert [one.url_citation.url for one in noted] == ["https://0", "https://1"]


def test_everything_else_an_answer_may_hold():
    scores = {"content": [], "refusal": None}
    events = [
        *part(0, Refusing(), "no"),
        *part(1, Media("image", "image/png", "AAAA")),
        *part(2, Media("audio", data="AAAA")),
        *part(3, Native("openai_chat", "audio", {"id": "a"})),
        *part(4, Native("openai_chat", "message.executed_tools", [1])),
        *part(5, Native("openai_chat", "annotation", {"type": "file"})),
        *part(6, Native("anthropic_messages", "server_tool_use", {})),
        *part(7, Media("document", data="AAAA")),
        END[0],
    ]
    assert deltas(*events) == [
        {"refusal": "no"},
        {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}, "index": 0}]},
        {"audio": {"data": "AAAA"}},
        {"audio": {"id": "a"}},
        {"executed_tools": [1]},
        {"annotations": [{"type": "file"}]},
        {},
    ]
    chunks = stream(
        written(
            [
                BEGIN,
                *part(0, Native("openai_chat", "choice.content_filter_results", {"a": 1})),
                *part(1, Native("openai_chat", "extras", {"citations": ["x"], "usage.cost": 0.5})),
                Logprobs(0, scores),
                Finish(0, "stop_sequence", "stop", "###"),
                *END[1:],
            ],
            asking(include_usage=True),
        )
    )
    assert chunks[1]["choices"][0]["content_filter_results"] == {"a": 1}
    assert (chunks[2]["choices"], chunks[2]["citations"]) == ([], ["x"])
    assert chunks[3]["choices"][0]["logprobs"] == scores
    assert chunks[4]["choices"][0]["stop_reason"] == "###"
    assert chunks[5]["usage"]["cost"] == 0.5


def test_nothing_follows_an_end_or_a_failure():
    writer = CODEC.writer(asking())
    assert writer.write(BEGIN)
    assert writer.write(Failed(Fault(429, "slow"))).startswith(b'data: {"error":{')
    assert not writer.write(End())
    writer = CODEC.writer(asking())
    assert writer.write(End()) == b"data: [DONE]\n\n"
    assert not writer.write(Add(0, 0, "x"))


def test_what_was_never_opened_is_not_written():
    writer = CODEC.writer(asking())
    writer.write(BEGIN)
    for event in (Add(0, 5, "x"), Add(7, 0, "x"), Close(0, 5), Close(7, 0), Sign(0, 5, "x", "y")):
        assert writer.write(event) == b""


def test_the_official_sdk_puts_the_stream_together():
    events = [
        BEGIN,
        *part(0, Thinking(), "hm"),
        *part(1, Text(), "a", "b"),
        Logprobs(
            0, {"content": [{"token": "ab", "logprob": -1.0, "bytes": None, "top_logprobs": []}], "refusal": None}
        ),
        *part(2, ToolUse("1", "f"), '{"a"', ":1}"),
        *part(3, ToolUse("2", "g"), "{}"),
        Open(1, 0, Text()),
        Add(1, 0, "other"),
        Close(1, 0),
        Finish(0, "tool_use"),
        Finish(1, "stop"),
        *END[1:],
    ]
    body = written(events, asking(include_usage=True))
    state = ChatCompletionStreamState()
    for chunk in client(200, body, "text/event-stream").chat.completions.create(model="m", messages=[], stream=True):
        state.handle_chunk(chunk)
    completion = state.get_final_completion()
    first, second = completion.choices
    assert (first.message.content, first.finish_reason) == ("ab", "tool_calls")
    assert [(call.id, call.function.name, call.function.arguments) for call in first.message.tool_calls] == [
        ("1", "f", '{"a":1}'),
        ("2", "g", "{}"),
    ]
    assert first.logprobs.content[0].token == "ab"
    assert (second.message.content, second.finish_reason) == ("other", "stop")
    assert completion.usage.total_tokens == 7
    assert (completion.id, completion.model, completion.created) == ("1", "m", 5)
    assert json.loads(completion.model_dump_json())["choices"][0]["message"]["reasoning_content"] == "hm"


def test_the_official_sdk_raises_a_failure_in_mid_stream():
    body = written([BEGIN, *part(0, Text(), "a"), Failed(Fault(503, "Too much.", "overloaded_error"))])
    with pytest.raises(openai.APIError, match=r"Too much\.") as caught:
        list(client(200, body, "text/event-stream").chat.completions.create(model="m", messages=[], stream=True))
    assert caught.value.type == "overloaded_error"
