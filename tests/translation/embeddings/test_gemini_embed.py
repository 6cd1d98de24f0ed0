"""Requests to Google AI Studio's batchEmbedContents, and its answers."""

import pytest
from google.genai import types

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.translation.embeddings import Vectors
from tests.translation.embeddings.requests_of import BOTH, PNG, read, wanted, written

DIALECT = "gemini_embed"


def test_every_input_is_a_request_with_all_the_parameters():
    asked = wanted(
        ["a", BOTH],
        model="gemini-embedding-2",
        dimensions=768,
        input_type="search_document",
        title="Cats",
        encoding_format="base64",
        user="u",
    )
    out, refused, hints = written(DIALECT, asked)
    each = {
        "model": "models/gemini-embedding-2",
        "outputDimensionality": 768,
        "taskType": "RETRIEVAL_DOCUMENT",
        "title": "Cats",
    }
    image = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    assert out.path == "models/gemini-embedding-2:batchEmbedContents"
    assert out.body == {
        "requests": [
            {**each, "content": {"parts": [{"text": "a"}]}},
            {**each, "content": {"parts": [{"text": "a cat"}, image]}},
        ]
    }
    assert (refused, hints) == ([], ["user"])
    for one in out.body["requests"]:
        types.Content.model_validate(one["content"])


@pytest.mark.parametrize("model", ["x", "models/x"])
def test_a_model_may_be_called_as_google_calls_it(model):
    out, *_ = written(DIALECT, wanted(model=model))
    assert out.path == "models/x:batchEmbedContents"
    assert out.body["requests"][0]["model"] == "models/x"


def test_a_batch_of_vectors_is_read():
    answer = {"embeddings": [{"values": [0.5]}, {"values": [1]}], "usageMetadata": {"promptTokenCount": 3}}
    assert read(DIALECT, answer, wanted(["a", "b"])) == Vectors([[0.5], [1.0]], usage=Usage(3, None, 3))


def test_a_single_vector_is_read():
    assert read(DIALECT, {"embedding": {"values": [0.5]}}, wanted()) == Vectors([[0.5]])


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"embeddings": []},
        {"embeddings": "x"},
        {"embeddings": [{}]},
        {"embeddings": [{"values": ["x"]}, {"values": [1]}]},
        {"embeddings": [{"values": "x"}]},
        {"embeddings": [{"values": [None]}]},
        {"embeddings": [{"values": [1]}, {"values": [1]}]},
        {"embedding": 5},
    ],
)
def test_an_answer_without_a_sound_vector_for_each_input_is_a_fault(answer):
    assert isinstance(read(DIALECT, answer, wanted()), Fault)
