"""What the meter makes of answers that nobody recorded: broken, hostile, compressed, or written in an odd way."""

import gzip
import json
import sys
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import dialects
from gateway.call import Answer, Asked, Usage
from tests.dialects.answers import CHAT, JSON, SEEN, SSE, STREAM, events, read


def test_a_plain_answer_is_read_whole():
    answer = read("openai_chat", json.dumps(CHAT).encode())
    assert answer == Answer(Usage(5, 7, 12), "m1", "c1", ("stop",), "", "flex")


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_a_stream_is_read_in_any_style(end, separators):
    body = b": comment" + end + events(*STREAM, end=end, separators=separators) + b"data: [DONE]" + end
    assert read("openai_chat", body, SSE) == SEEN
    assert read("openai_chat", [body[at : at + 1] for at in range(len(body))], SSE) == SEEN


def test_usage_written_in_another_style_than_the_rest_is_found():
    body = events(*STREAM[:3] * 400) + events(STREAM[3], separators=(", ", ": "))
    assert read("openai_chat", body, SSE) == SEEN


def test_a_stream_that_breaks_off_counts_what_was_seen():
    body = events(STREAM[3], *STREAM[:2])
    assert read("openai_chat", body[:-40], SSE).usage == Usage(5, 7, 12)
    assert read("openai_chat", events(*STREAM).rstrip(), SSE) == SEEN


def test_a_stream_without_usage_has_none():
    assert read("openai_chat", events(*STREAM[:3]), SSE).usage is None


def test_a_model_that_writes_about_usage_is_not_believed():
    text = '"usage":{"prompt_tokens":1,"completion_tokens":1}, data: {"usage":{"prompt_tokens":9}}'
    talk = {"id": "c1", "model": "m1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    assert read("openai_chat", events(talk, talk, talk, talk), SSE).usage is None
    whole = {**CHAT, "choices": [{"message": {"content": json.dumps(CHAT)}}], "usage": None}
    assert read("openai_chat", json.dumps(whole).encode()).usage is None


def test_later_values_win_field_by_field_and_absent_ones_change_nothing():
    start = {"type": "message_start", "message": {"id": "a", "model": "m", "usage": {
        "input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20, "output_tokens": 1,
        "cache_creation": {"ephemeral_1h_input_tokens": 15, "ephemeral_5m_input_tokens": 5}}}}  # fmt: skip
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 50, "input_tokens": None},
    }
    usage = read("anthropic_messages", events(start, delta), SSE).usage
    assert usage == Usage(130, 50, 180, 100, 20, 15)


NOT_COUNTS = [-1, 1.5, "5", True, 2**53 + 1, [5], {"n": 5}, None, 10**30]


@pytest.mark.parametrize("nonsense", NOT_COUNTS)
def test_a_count_that_is_none_is_absent_and_the_others_stay(nonsense):
    usage = {"prompt_tokens": nonsense, "completion_tokens": 7, "prompt_tokens_details": nonsense}
    answer = read("openai_chat", json.dumps({**CHAT, "usage": usage}).encode())
    assert answer.usage == Usage(None, 7, 7)
    assert (answer.model, answer.finish_reasons) == ("m1", ("stop",))
    assert read("openai_chat", events({**CHAT, "usage": usage}), SSE).usage == Usage(None, 7, 7)


@pytest.mark.parametrize("nonsense", [5, "many", [1], True, {}, {"prompt_tokens": {}}, {"usage": {"prompt_tokens": 5}}])
def test_usage_that_is_none_is_absent(nonsense):
    answer = read("openai_chat", json.dumps({**CHAT, "usage": nonsense}).encode())
    assert answer.usage is None
    assert answer.model == "m1"


@pytest.mark.parametrize("field", ["id", "model", "choices", "service_tier"])
@pytest.mark.parametrize("nonsense", [5, [[]], {"a": [1]}, "text", [{"finish_reason": 5}, 7, {"index": "x"}]])
def test_no_field_of_a_wrong_type_loses_the_usage(field, nonsense):
    assert read("openai_chat", json.dumps({**CHAT, field: nonsense}).encode()).usage == Usage(5, 7, 12)


def test_one_broken_choice_does_not_lose_the_others():
    choices = [{"index": 0, "finish_reason": 5}, {"index": 1, "finish_reason": "stop"}, 9]
    assert read("openai_chat", json.dumps({**CHAT, "choices": choices}).encode()).finish_reasons == ("stop",)


def test_half_a_surrogate_and_broken_utf8_do_not_lose_the_usage():
    whole = json.dumps(CHAT).encode()
    assert read("openai_chat", whole.replace(b'"hi"', rb'"\ud83d"')).usage == Usage(5, 7, 12)
    assert read("openai_chat", whole.replace(b'"hi"', b'"\xff"')).usage == Usage(5, 7, 12)
    assert read("openai_chat", b"\xef\xbb\xbf" + whole).usage == Usage(5, 7, 12)


def test_workers_ai_is_read_inside_its_envelope():
    body = {
        "result": {"response": "hi", "usage": {"prompt_tokens": 2, "completion_tokens": 3}},
        "success": True,
        "errors": [],
    }
    assert read("workers_ai", json.dumps(body).encode()).usage == Usage(2, 3, 5)
    assert read(
        "workers_ai", events({"response": "a"}, {"response": "", "usage": {"prompt_tokens": 2}}), SSE
    ).usage == Usage(2, None, 2)


def test_replicate_counts_in_metrics():
    body = {
        "id": "p",
        "status": "succeeded",
        "metrics": {"input_token_count": 2, "output_token_count": 3, "predict_time": 1.5},
    }
    assert read("replicate", json.dumps(body).encode()) == Answer(Usage(2, 3, 5), "", "p", ("succeeded",))


def test_one_total_is_what_went_into_an_embedding():
    assert read("openai_embeddings", b'{"usage":{"total_tokens":9},"data":[{"embedding":[0.1]}]}').usage == Usage(
        9, None, 9
    )


PACKED = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstandard.compress,
    b"gzip, br": lambda text: brotli.compress(gzip.compress(text)),
}


@pytest.mark.parametrize("encoding", sorted(PACKED))
def test_compressed_answers_and_streams_are_read(encoding):
    for body, kind in ((events(*STREAM), SSE), (json.dumps(CHAT).encode(), JSON)):
        packed = PACKED[encoding](body)
        for size in (1, 7, len(packed)):
            pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
            assert read("openai_chat", pieces, kind, encoding).usage == Usage(5, 7, 12)


def test_what_cannot_be_read_is_not_metered():
    chat = Asked(dialect="openai_chat")
    assert dialects.meter(chat, 200, JSON, b"rot13") is None
    assert dialects.meter(chat, 200, b"audio/mpeg", b"") is None
    assert dialects.meter(Asked(), 200, JSON, b"") is None
    assert dialects.meter(Asked(dialect="nonsense"), 200, JSON, b"") is None


def test_nonsense_that_calls_itself_gzip_is_an_empty_answer():
    assert read("openai_chat", [b"nonsense"] * 10, JSON, b"gzip") == Answer()


@pytest.mark.parametrize("kind", [JSON, SSE, b"application/x-ndjson", b"application/vnd.amazon.eventstream", b""])
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(dialects.DIALECTS)), st.lists(st.binary(max_size=60), max_size=6))
def test_garbage_never_raises(kind, dialect, pieces):
    read(dialect, pieces, kind)
    read(dialect, pieces, kind, status=500)
    read(dialect, pieces, kind, b"gzip", stream=True)


keys = st.sampled_from(
    ["usage", "choices", "error", "message", "delta", "response", "result", "candidates", "usageMetadata", "meta",
     "tokens", "input_tokens", "prompt_tokens", "id", "model", "results", "metadata", "predictions", "embeddings",
     "statistics", "token_count", "finish_reason", "stop_reason", "details", "metrics", "interaction", "generations"]
)  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(dialects.DIALECTS)), st.dictionaries(keys, values, max_size=5))
def test_any_json_gives_counts_that_are_counts(dialect, document):
    for answer in (read(dialect, json.dumps(document).encode()), read(dialect, events(document, document), SSE)):
        usage = answer.usage or Usage()
        for name in usage.__struct_fields__:
            count = getattr(usage, name)
            assert count is None or (isinstance(count, int) and count >= 0)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_where_a_stream_is_cut_changes_nothing(choose):
    body = events(*STREAM)
    cuts = sorted(choose.draw(st.lists(st.integers(0, len(body)), max_size=10)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert read("openai_chat", pieces, SSE) == SEEN


def test_names_are_cut_to_a_length_that_logs_bear():
    long = {**CHAT, "id": "i" * 10**5, "model": "m" * 10**5}
    answer = read("openai_chat", json.dumps(long).encode())
    assert len(answer.id) == len(answer.model) == 256
    assert sys.getsizeof(answer.id) < 1000


def test_finishing_twice_or_empty_is_harmless():
    meter = dialects.meter(Asked(dialect="openai_chat"), 200, JSON, b"")
    assert meter.finish() == Answer()
    assert meter.finish() == Answer()
