"""Requests to OpenAI and its likes, and their answers."""

import base64
import struct

import pytest

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.translation.embeddings import Vectors
from tests.translation.embeddings.requests_of import BOTH, FAR, read, wanted, written
from tests.translation.embeddings.rows import QUIRKS

DIALECT = "openai_embeddings"


def body(request, provider="openai"):
    out, refused, _ = written(DIALECT, request, QUIRKS[provider])
    assert refused == []
    return out.body


def test_a_request_goes_out_as_it_came():
    asked = {"input": ["a", "b"], "model": "m", "dimensions": 3, "encoding_format": "base64", "user": "u", "more": [1]}
    assert body(wanted(**asked)) == asked
    assert written(DIALECT, wanted(**asked))[0].path == "embeddings"


def test_tokens_go_out_as_tokens():
    assert body(wanted([1, 2]))["input"] == [[1, 2]]
    assert body(wanted([[1], [2, 3]]))["input"] == [[1], [2, 3]]


def test_numbers_are_never_asked_for_since_they_come_unasked():
    assert "encoding_format" not in body(wanted(encoding_format="float"))


def test_a_provider_without_base64_is_asked_for_numbers():
    assert "encoding_format" not in body(wanted(encoding_format="base64"), "mistral")


def test_a_provider_has_its_own_names_and_words():
    asked = wanted(dimensions=256, input_type="RETRIEVAL_QUERY", truncate="NONE")
    assert body(asked, "voyage") == {
        "model": "m",
        "input": ["hello"],
        "output_dimension": 256,
        "input_type": "query",
        "truncation": False,
    }
    assert body(wanted(truncate="END"), "voyage")["truncation"] is True
    assert body(wanted(task_type="RETRIEVAL_QUERY"), "openrouter")["input_type"] == "search_query"


@pytest.mark.parametrize("wish", [{"truncate": "START"}, {"input_type": "clustering"}])
def test_a_word_that_a_provider_lacks_is_lost(wish):
    out, refused, _ = written(DIALECT, wanted(**wish), QUIRKS["voyage"])
    assert refused == list(wish)
    assert out.body == {"model": "m", "input": ["hello"]}


def test_images_go_out_as_parts_of_a_content():
    assert body(wanted(["a", BOTH, FAR]), "openrouter")["input"] == ["a", BOTH, {"content": [FAR]}]


def item(embedding, index=None):
    return {"object": "embedding", "embedding": embedding, **({} if index is None else {"index": index})}


def test_an_answer_is_read_whole_and_in_order():
    answer = {
        "object": "list",
        "id": "id-1",
        "model": "m-2",
        "data": [item([0.5, 1], 1), item([0.25, -1.5], 0)],
        "usage": {"prompt_tokens": 5, "total_tokens": 5},
    }
    assert read(DIALECT, answer, wanted(["a", "b"])) == Vectors(
        [[0.25, -1.5], [0.5, 1.0]], "m-2", Usage(5, None, 5), "id-1"
    )


def test_usage_that_is_only_a_total_is_what_went_in():
    answer = {"data": [item([0.5])], "usage": {"total_tokens": 5}}
    assert read(DIALECT, answer, wanted()).usage == Usage(5, None, 5)


def test_packed_vectors_are_read_in_either_form():
    packed = struct.pack("<2f", 0.5, -2)
    answer = {"data": [item(base64.b64encode(packed).decode(), 0)]}
    assert read(DIALECT, answer, wanted(encoding_format="base64")).vectors == [packed]
    assert read(DIALECT, answer, wanted()).vectors == [[0.5, -2.0]]


def test_signed_bytes_become_numbers():
    answer = {"data": [item(base64.b64encode(bytes((5, 250))).decode(), 0)]}
    assert read(DIALECT, answer, wanted(), QUIRKS["perplexity-ai"]).vectors == [[5.0, -6.0]]


@pytest.mark.parametrize("odd", [{"usage": "much"}, {"model": 5}, {"id": []}, {"usage": {"prompt_tokens": -1}}])
def test_an_odd_field_is_as_if_it_were_absent(odd):
    found = read(DIALECT, {"data": [item([0.5], 0)], **odd}, wanted())
    assert found == Vectors([[0.5]])


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        "x",
        [None],
        [5],
        [item(None, 0)],
        [item([], 0)],
        [item("", 0)],
        [item("!!", 0)],
        [item("AAA=", 0)],
        [item(["a"], 0)],
        [item([None], 0)],
        [item([True], 0)],
        [item([[0.5]], 0)],
        [item([0.5], "first")],
        [5, item([0.5], 0)],
        [item(["x"]), item([0.5])],
        [item([0.5], 1)],
        [item([0.5], -1)],
        [item([0.5], 0), item([0.5], 1)],
        [item([0.5], 0), item([0.5], 0)],
    ],
)
def test_an_answer_without_a_sound_vector_for_each_input_is_a_fault(data):
    fault = read(DIALECT, {"data": data}, wanted())
    assert isinstance(fault, Fault)
    assert fault.status == 502
