"""Requests to Vertex AI's models that embed, and their answers."""

import pytest

from gateway.call import Refusal, Usage
from gateway.conversation.answer import Fault
from gateway.translation.embeddings import CODECS, Vectors
from tests.translation.embeddings.requests_of import BOTH, PNG, read, wanted, written

DIALECT = "gemini_predict"
WISHES = {"dimensions": 256, "task_type": "CODE_RETRIEVAL_QUERY", "title": "Cats", "truncate": False}


def test_task_and_title_stand_with_each_instance_and_the_rest_beside_them():
    out, refused, _ = written(DIALECT, wanted(["a", "b"], model="text-embedding-005", **WISHES))
    each = {"task_type": "CODE_RETRIEVAL_QUERY", "title": "Cats"}
    assert out.path == "publishers/google/models/text-embedding-005:predict"
    assert out.body == {
        "instances": [{**each, "content": "a"}, {**each, "content": "b"}],
        "parameters": {"outputDimensionality": 256, "autoTruncate": False},
    }
    assert refused == []


def test_without_wishes_there_are_no_parameters():
    out, *_ = written(DIALECT, wanted(model="text-embedding-005"))
    assert out.body == {"instances": [{"content": "hello"}]}


def test_newer_models_are_asked_for_content():
    out, refused, _ = written(DIALECT, wanted([BOTH], model="gemini-embedding-2", **WISHES))
    image = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    assert out.path == "publishers/google/models/gemini-embedding-2:embedContent"
    assert out.body == {
        "content": {"parts": [{"text": "a cat"}, image]},
        "embedContentConfig": {
            "taskType": "CODE_RETRIEVAL_QUERY",
            "title": "Cats",
            "outputDimensionality": 256,
            "autoTruncate": False,
        },
    }
    assert refused == []
    bare, *_ = written(DIALECT, wanted(model="gemini-embedding-2"))
    assert bare.body == {"content": {"parts": [{"text": "hello"}]}}


def test_several_contents_are_a_batch():
    out, *_ = written(DIALECT, wanted(["a", "b"], model="gemini-embedding-2", dimensions=256))
    each = {"embedContentConfig": {"outputDimensionality": 256}}
    assert out.path == "publishers/google/models/gemini-embedding-2:batchEmbedContents"
    assert out.body == {
        "requests": [{"content": {"parts": [{"text": "a"}]}, **each}, {"content": {"parts": [{"text": "b"}]}, **each}]
    }


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-embedding-001", "publishers/google/models/gemini-embedding-001:predict"),
        ("google/text-embedding-005", "publishers/google/models/text-embedding-005:predict"),
        (
            "publishers/google/models/textembedding-gecko@003",
            "publishers/google/models/textembedding-gecko@003:predict",
        ),
        ("intfloat/multilingual-e5-small-maas", "publishers/intfloat/models/multilingual-e5-small-maas:embedContent"),
    ],
)
def test_a_model_has_a_publisher_and_a_method(model, path):
    assert written(DIALECT, wanted(model=model))[0].path == path


@pytest.mark.parametrize(
    ("model", "most"),
    [("gemini-embedding-001", 1), ("e5-maas", 1), ("gemini-embedding-2", 0), ("text-multilingual-embedding-002", 250)],
)
def test_models_take_different_numbers_of_inputs(model, most):
    assert CODECS[DIALECT].batch(model) == most


def test_a_model_that_takes_one_input_says_so():
    with pytest.raises(Refusal, match="gemini-embedding-001 takes at most 1 input per call here, and these are 2"):
        written(DIALECT, wanted(["a", "b"], model="gemini-embedding-001"))


def test_only_newer_models_take_images():
    with pytest.raises(Refusal, match=r"text-embedding-005 cannot carry input\.image"):
        written(DIALECT, wanted([BOTH], model="text-embedding-005"))


def test_cutting_the_start_is_lost():
    _, refused, _ = written(DIALECT, wanted(model="text-embedding-005", truncate="START"))
    assert refused == ["truncate"]


def test_predictions_are_read_and_their_tokens_summed():
    answer = {
        "predictions": [
            {"embeddings": {"values": [0.5], "statistics": {"token_count": 3, "truncated": False}}},
            {"embeddings": {"statistics": {"token_count": 4.0}, "values": [1]}},
        ],
        "metadata": {"billableCharacterCount": 20},
    }
    assert read(DIALECT, answer, wanted(["a", "b"])) == Vectors([[0.5], [1.0]], usage=Usage(7, None, 7))


@pytest.mark.parametrize("statistics", [None, 5, {}, {"token_count": "x"}, {"token_count": True}, {"token_count": 1.5}])
def test_odd_statistics_do_not_hide_a_vector(statistics):
    answer = {"predictions": [{"embeddings": {"values": [0.5], "statistics": statistics}}]}
    assert read(DIALECT, answer, wanted()) == Vectors([[0.5]])


def test_a_batch_of_contents_is_read():
    answer = {"embeddings": [{"values": [0.5]}, {"values": [1]}], "usageMetadata": {"promptTokenCount": 3}}
    assert read(DIALECT, answer, wanted(["a", "b"])) == Vectors([[0.5], [1.0]], usage=Usage(3, None, 3))


def test_content_is_read():
    answer = {"embedding": {"values": [0.5]}, "usageMetadata": {"promptTokenCount": 3}, "truncated": False}
    assert read(DIALECT, answer, wanted()) == Vectors([[0.5]], usage=Usage(3, None, 3))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"predictions": []},
        {"predictions": "x"},
        {"predictions": [5]},
        {"predictions": [5, {"embeddings": {"values": [1]}}]},
        {"predictions": [{}]},
        {"predictions": [{"embeddings": {}}]},
        {"predictions": [{"embeddings": {"values": ["x"]}}]},
        {"predictions": [{"embeddings": {"values": [1]}}, {"embeddings": {"values": [1]}}]},
    ],
)
def test_an_answer_without_a_sound_vector_for_each_input_is_a_fault(answer):
    assert isinstance(read(DIALECT, answer, wanted()), Fault)
