"""ConverseStream's events, one by one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.conversation.events import Add, Cite, Close, Count, End, Failed, Finish, Open, Sign, Start
from gateway.conversation.parts import Media, Native, Text, Thinking, ToolUse
from gateway.translation.bedrock_converse import CODEC
from gateway.wire import aws_event_stream
from tests.translation.bedrock_converse.test_answers import JSON
from tests.translation.gathered import events_of, gathered

START = ("messageStart", {"role": "assistant"})
STOP = ("messageStop", {"stopReason": "end_turn"})
USAGE = ("metadata", {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 4}})


def begin(index, **start):
    return "contentBlockStart", {"contentBlockIndex": index, "start": start}


def delta(index, **said):
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": said}


def stop(index):
    return "contentBlockStop", {"contentBlockIndex": index}


def framed(*events):
    return [(name.encode(), json.dumps(payload).encode()) for name, payload in events]


def read(*events):
    return events_of(CODEC.reader(), framed(*events))


def inside(*events):
    """What comes between the start and the end of a message."""
    found = read(START, *events, STOP, USAGE)
    assert found[0] == Start()
    assert found[-3:] == [Finish(0, "stop", "end_turn"), Count(Usage(1, 2, 3)), End()]
    gathered(found)
    return found[1:-3]


def test_text_begins_with_its_first_words():
    assert inside(delta(0, text="Hel"), delta(0, text="lo"), stop(0)) == [
        Open(0, 0, Text()),
        Add(0, 0, "Hel"),
        Add(0, 0, "lo"),
        Close(0, 0),
    ]


def test_a_call_and_its_arguments():
    call = {"toolUseId": "t1", "name": "f"}
    assert inside(
        begin(0, toolUse=call), delta(0, toolUse={"input": '{"a"'}), delta(0, toolUse={"input": ":1}"}), stop(0)
    ) == [Open(0, 0, ToolUse("t1", "f")), Add(0, 0, '{"a"'), Add(0, 0, ":1}"), Close(0, 0)]


def test_a_call_without_arguments_has_an_empty_object_as_a_whole_answer_has():
    call = {"toolUseId": "t1", "name": "f"}
    events = inside(begin(0, toolUse=call), delta(0, toolUse={"input": ""}), stop(0))
    assert events == [Open(0, 0, ToolUse("t1", "f")), Add(0, 0, "{}"), Close(0, 0)]


def test_thoughts_and_their_signature():
    assert inside(
        delta(0, reasoningContent={"text": "hm"}), delta(0, reasoningContent={"signature": "sig"}), stop(0)
    ) == [
        Open(0, 0, Thinking(maker="bedrock_converse")),
        Add(0, 0, "hm"),
        Sign(0, 0, "sig", "bedrock_converse"),
        Close(0, 0),
    ]


def test_thoughts_that_are_only_a_signature():
    assert inside(delta(0, reasoningContent={"signature": "sig"}), stop(0)) == [
        Open(0, 0, Thinking(maker="bedrock_converse")),
        Sign(0, 0, "sig", "bedrock_converse"),
        Close(0, 0),
    ]


def test_encrypted_thoughts_come_whole_though_they_came_in_pieces():
    pieces = [base64.b64encode(piece).decode() for piece in (b"secre", b"t")]
    events = inside(*(delta(0, reasoningContent={"redactedContent": piece}) for piece in pieces), stop(0))
    whole = base64.b64encode(b"secret").decode()
    assert events == [Open(0, 0, Thinking(redacted=whole, maker="bedrock_converse")), Close(0, 0)]


def test_citations_come_before_the_end_of_their_text():
    cited = {"title": "facts", "location": {"documentChar": {"documentIndex": 0, "start": 0, "end": 1}}}
    events = inside(delta(0, citation=cited), delta(0, text="It is."), stop(0))
    assert [type(event) for event in events] == [Open, Add, Cite, Close]
    assert events[2].citation.title == "facts"


def test_what_bedrock_runs_itself_comes_whole():
    call = {"toolUseId": "t1", "name": "nova_grounding", "type": "server_tool_use"}
    result = {"toolUseId": "t1", "type": "nova_grounding_result", "status": "success"}
    events = inside(
        begin(0, toolUse=call),
        delta(0, toolUse={"input": '{"q":1}'}),
        stop(0),
        begin(1, toolResult=result),
        delta(1, toolResult=[{"text": "a"}]),
        delta(1, toolResult=[{"text": "b"}]),
        stop(1),
    )
    content = [{"text": "a"}, {"text": "b"}]
    assert events == [
        Open(0, 0, Native("bedrock_converse", "nova_grounding", {"toolUse": {**call, "input": {"q": 1}}})),
        Close(0, 0),
        Open(0, 1, Native("bedrock_converse", "nova_grounding_result", {"toolResult": {**result, "content": content}})),
        Close(0, 1),
    ]


def test_an_image_comes_whole():
    piece = {"source": {"bytes": "AAAA"}}
    events = inside(begin(0, image={"format": "png"}), delta(0, image=piece), delta(0, image=piece), stop(0))
    assert events == [Open(0, 0, Media("image", "image/png", "AAAAAAAA")), Close(0, 0)]


def test_a_block_that_was_left_open_is_closed():
    assert inside(delta(0, text="Hi")) == [Open(0, 0, Text()), Add(0, 0, "Hi"), Close(0, 0)]


def test_the_stop_sequence_and_the_tier():
    stopped = (
        "messageStop",
        {"stopReason": "stop_sequence", "additionalModelResponseFields": {"stop_sequence": "|"}},
    )
    tier = (USAGE[0], {**USAGE[1], "serviceTier": {"type": "flex"}})
    found = read(START, stopped, tier)
    assert found[1] == Finish(0, "stop_sequence", "stop_sequence", "|")
    assert found[2].service_tier == "flex"


def test_a_stream_without_usage_ends_too():
    assert read(START, STOP) == [Start(), Finish(0, "stop", "end_turn"), End()]


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("throttlingException", 429, "ThrottlingException"),
        ("modelStreamErrorException", 424, "ModelStreamErrorException"),
        ("internalServerException", 500, "InternalServerException"),
        ("serviceUnavailableException", 503, "ServiceUnavailableException"),
        ("validationException", 400, "ValidationException"),
        ("ThrottlingException", 429, "ThrottlingException"),
        ("brandNewException", 500, "BrandNewException"),
    ],
)
def test_an_exception_in_the_stream_fails_with_its_status(name, status, kind):
    found = read(START, delta(0, text="Hi"), (name, {"message": "Too much."}), delta(0, text="more"), STOP)
    assert found[3:] == [Failed(Fault(status, "Too much.", kind))]


def test_an_exception_without_json_still_has_its_status():
    reader = CODEC.reader()
    assert list(reader.read(b"throttlingException", b"slow down")) == [
        Failed(Fault(429, "ThrottlingException", "ThrottlingException"))
    ]
    assert list(reader.end()) == []


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"3", b"\xff", b"[" * 100_000])
def test_an_event_that_cannot_be_read_fails(text):
    reader = CODEC.reader()
    (failed,) = reader.read(b"contentBlockDelta", text)
    assert failed.fault.status == 502
    assert list(reader.read(b"contentBlockDelta", b'{"delta":{"text":"x"}}')) == []


def test_events_that_are_new_to_us_are_passed_over():
    assert inside(("brandNew", {"x": 1}), delta(0, text="Hi"), delta(0, hologram={}), stop(0)) == [
        Open(0, 0, Text()),
        Add(0, 0, "Hi"),
        Close(0, 0),
    ]


def test_nothing_is_added_after_the_end_of_the_message():
    assert read(START, STOP, delta(0, text="Hi"), USAGE)[1:] == [
        Finish(0, "stop", "end_turn"),
        Count(Usage(1, 2, 3)),
        End(),
    ]


NAMES = st.sampled_from([b"messageStart", b"contentBlockStart", b"contentBlockDelta", b"contentBlockStop", b"metadata"])
ODD = st.fixed_dictionaries({}, optional={"contentBlockIndex": JSON, "delta": JSON, "start": JSON, "usage": JSON})


@given(st.lists(st.tuples(NAMES, ODD), max_size=6))
def test_nothing_that_a_stream_says_raises_or_breaks_the_order(events):
    frames = [(name, json.dumps(payload).encode()) for name, payload in events]
    gathered(events_of(CODEC.reader(), [*frames, *framed(STOP, USAGE)]))


@given(st.lists(st.integers(1, 40), max_size=30))
def test_frames_cut_anywhere_say_the_same(cuts):
    events = (START, delta(0, text="Hel"), delta(0, text="lo"), stop(0), STOP, USAGE)
    wire = b"".join(aws_event_stream.encode({":event-type": name}, json.dumps(said).encode()) for name, said in events)
    decoder, reader, found, at = aws_event_stream.Decoder(), CODEC.reader(), [], 0
    for size in [*cuts, len(wire)]:
        for frame in decoder.feed(wire[at : at + size]):
            found += reader.read(frame.headers()[":event-type"].encode(), frame.payload)
        at += size
    assert [*found, *reader.end()] == read(*events)
