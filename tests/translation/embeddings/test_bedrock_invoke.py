"""Requests to the models on Amazon Bedrock that embed, and their answers."""

import pytest

from gateway.call import Refusal, Usage
from gateway.conversation.answer import Fault
from gateway.translation.embeddings import CODECS, Vectors
from tests.translation.embeddings.requests_of import BOTH, PICTURE, PNG, read, wanted, written

DIALECT = "bedrock_invoke"
V1, V2, IMAGE = "amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0", "amazon.titan-embed-image-v1"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"
ENGLISH, V4 = "cohere.embed-english-v3", "us.cohere.embed-v4:0"
ARN = f"arn:aws:bedrock:us-east-1::foundation-model/{V2}"
URL = PICTURE["image_url"]["url"]


@pytest.mark.parametrize(
    ("model", "asked", "body"),
    [
        (V1, {}, {"inputText": "a"}),
        (V2, {"dimensions": 256}, {"inputText": "a", "dimensions": 256}),
        (ARN, {}, {"inputText": "a"}),
        (IMAGE, {"dimensions": 256}, {"inputText": "a", "embeddingConfig": {"outputEmbeddingLength": 256}}),
        (IMAGE, {"input": [PICTURE]}, {"inputImage": PNG}),
        (IMAGE, {"input": [BOTH]}, {"inputText": "a cat", "inputImage": PNG}),
        (ENGLISH, {}, {"texts": ["a"], "input_type": "search_document"}),
        (
            ENGLISH,
            {"input": ["a", "b"], "input_type": "query", "truncate": "START"},
            {"texts": ["a", "b"], "input_type": "search_query", "truncate": "START"},
        ),
        (ENGLISH, {"input": [PICTURE]}, {"images": [URL], "input_type": "image"}),
        (
            V4,
            {"dimensions": 256, "truncate": "END"},
            {"texts": ["a"], "input_type": "search_document", "output_dimension": 256, "truncate": "RIGHT"},
        ),
        (V4, {"input": [PICTURE, PICTURE]}, {"images": [URL, URL], "input_type": "search_document"}),
        (
            V4,
            {"input": [BOTH], "task_type": "CLUSTERING"},
            {
                "inputs": [{"content": [{"type": "text", "text": "a cat"}, {"type": "image_url", "image_url": URL}]}],
                "input_type": "clustering",
            },
        ),
    ],
)
def test_each_family_has_its_own_form(model, asked, body):
    out, refused, _ = written(DIALECT, wanted(**{"input": "a", "model": model, **asked}))
    assert out.body == body
    assert refused == []


@pytest.mark.parametrize(
    ("asked", "params"),
    [
        ({}, {"embeddingPurpose": "GENERIC_INDEX", "text": {"truncationMode": "NONE", "value": "a"}}),
        (
            {"input_type": "query", "dimensions": 256, "truncate": "START"},
            {
                "embeddingPurpose": "GENERIC_RETRIEVAL",
                "embeddingDimension": 256,
                "text": {"truncationMode": "START", "value": "a"},
            },
        ),
        (
            {"input": [PICTURE]},
            {"embeddingPurpose": "GENERIC_INDEX", "image": {"format": "png", "source": {"bytes": PNG}}},
        ),
    ],
)
def test_nova_is_told_all_that_it_demands(asked, params):
    out, refused, _ = written(DIALECT, wanted(**{"input": "a", "model": NOVA, **asked}))
    assert out.body == {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": params}
    assert refused == []


def test_a_model_id_is_one_segment_of_the_path():
    assert written(DIALECT, wanted(model=V2))[0].path == "model/amazon.titan-embed-text-v2%3A0/invoke"
    path = written(DIALECT, wanted(model=ARN))[0].path
    assert path.startswith("model/arn%3Aaws%3A")
    assert path.count("/") == 2


@pytest.mark.parametrize(
    ("model", "wish"),
    [
        (V1, {"dimensions": 256}),
        (ENGLISH, {"dimensions": 256}),
        (V2, {"input_type": "query"}),
        (V2, {"truncate": "END"}),
        (IMAGE, {"input_type": "query"}),
        (NOVA, {"input_type": "fact_verification"}),
    ],
)
def test_what_a_family_lacks_is_lost(model, wish):
    plain, *_ = written(DIALECT, wanted(model=model))
    out, refused, _ = written(DIALECT, wanted(model=model, **wish))
    assert refused == list(wish)
    assert out.body == plain.body


@pytest.mark.parametrize(
    ("model", "given", "why"),
    [
        (V2, [PICTURE], "input.image"),
        (NOVA, [BOTH], "input.mixed"),
        (ENGLISH, [BOTH], "input.mixed"),
        (ENGLISH, ["a", PICTURE], "input.mixed"),
        (ENGLISH, [PICTURE, PICTURE], "at most 1 image"),
        (IMAGE, [{"content": [{"type": "text", "text": "a"}, *BOTH["content"]]}], "input.mixed"),
        (V2, ["a", "b"], "at most 1 input"),
        (NOVA, ["a", "b"], "at most 1 input"),
        (V4, ["a"] * 97, "at most 96 inputs"),
        ("anthropic.claude-sonnet-4", "a", "not known to make embeddings"),
    ],
)
def test_inputs_that_a_family_does_not_take_are_refused(model, given, why):
    with pytest.raises(Refusal, match=why) as no:
        written(DIALECT, wanted(given, model=model))
    assert no.value.status == 400


def test_the_limit_is_the_familys():
    assert [CODECS[DIALECT].batch(model) for model in (V1, V2, IMAGE, NOVA, ENGLISH, V4)] == [1, 1, 1, 1, 96, 96]


@pytest.mark.parametrize(
    ("answer", "vectors"),
    [
        ({"embedding": [0.5, 1], "inputTextTokenCount": 4}, Vectors([[0.5, 1.0]], usage=Usage(4, None, 4))),
        (
            {"embedding": [0.5], "embeddingsByType": {"float": [0.5]}, "inputTextTokenCount": 4.0},
            Vectors([[0.5]], usage=Usage(4, None, 4)),
        ),
        ({"embedding": [0.5], "inputTextTokenCount": "x"}, Vectors([[0.5]])),
        ({"embeddings": [{"embeddingType": "TEXT", "embedding": [0.5]}]}, Vectors([[0.5]])),
        ({"embeddings": [[0.5]], "id": "id-1", "response_type": "embeddings_floats"}, Vectors([[0.5]], id="id-1")),
        ({"embeddings": {"float": [[0.5]]}, "id": "id-1"}, Vectors([[0.5]], id="id-1")),
    ],
)
def test_each_familys_answer_is_read(answer, vectors):
    assert read(DIALECT, answer, wanted()) == vectors


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"embedding": []},
        {"embedding": ["x"]},
        {"embeddings": []},
        {"embeddings": [{}]},
        {"embeddings": [5]},
        {"embeddings": [{"embedding": "x"}, {"embedding": [1]}]},
        {"embeddings": [["x"], [1]]},
        {"embeddings": {"int8": [[1]]}},
        {"embeddings": [[0.5], [0.5]]},
        {"results": [{"outputText": "x"}]},
    ],
)
def test_an_answer_without_a_sound_vector_for_each_input_is_a_fault(answer):
    assert isinstance(read(DIALECT, answer, wanted()), Fault)
