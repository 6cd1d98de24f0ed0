"""Requests to Cohere's v2/embed, and its answers."""

import pytest
from cohere import EmbedByTypeResponse

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.translation.embeddings import Vectors
from tests.translation.embeddings.requests_of import BOTH, PICTURE, read, wanted, written

DIALECT = "cohere_embed"


def body(input, **members):
    out, refused, _ = written(DIALECT, wanted(input, model="embed-v4.0", **members))
    assert refused == []
    assert out.path == "v2/embed"
    return {name: value for name, value in out.body.items() if name not in ("model", "embedding_types")}


def test_texts_go_out_with_all_that_was_asked():
    out, refused, hints = written(
        DIALECT,
        wanted(
            ["a", "b"],
            model="embed-v4.0",
            dimensions=256,
            encoding_format="base64",
            task_type="RETRIEVAL_QUERY",
            truncate="START",
            user="u",
        ),
    )
    assert out.body == {
        "model": "embed-v4.0",
        "texts": ["a", "b"],
        "input_type": "search_query",
        "output_dimension": 256,
        "truncate": "START",
        "embedding_types": ["float"],
    }
    assert (refused, hints) == ([], ["user"])


def test_texts_are_documents_unless_the_client_says_what_they_are():
    assert body("a") == {"texts": ["a"], "input_type": "search_document"}
    assert body("a", input_type="clustering")["input_type"] == "clustering"


def test_images_alone_are_images():
    url = PICTURE["image_url"]["url"]
    assert body([PICTURE, PICTURE]) == {"images": [url, url], "input_type": "image"}
    assert body([PICTURE], input_type="image") == {"images": [url], "input_type": "image"}


def test_anything_else_is_an_input_with_content():
    text = {"content": [{"type": "text", "text": "a"}]}
    assert body(["a", BOTH]) == {"inputs": [text, BOTH], "input_type": "search_document"}
    assert body([PICTURE], input_type="query") == {"inputs": [{"content": [PICTURE]}], "input_type": "search_query"}


@pytest.mark.parametrize("embeddings", [{"float": [[0.5], [1]]}, [[0.5], [1]]])
def test_an_answer_is_read_whole(embeddings):
    answer = {
        "id": "id-1",
        "texts": ["a", "b"],
        "embeddings": embeddings,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 4, "image_tokens": 3}},
        "response_type": "embeddings_by_type",
    }
    EmbedByTypeResponse.model_validate(answer | {"embeddings": {"float": [[0.5], [1.0]]}})
    assert read(DIALECT, answer, wanted(["a", "b"])) == Vectors([[0.5], [1.0]], usage=Usage(7, None, 7), id="id-1")


@pytest.mark.parametrize("odd", [{"meta": 5}, {"id": 5}, {"meta": {"billed_units": {"input_tokens": "x"}}}])
def test_an_odd_field_is_as_if_it_were_absent(odd):
    assert read(DIALECT, {"embeddings": {"float": [[0.5]]}, **odd}, wanted()) == Vectors([[0.5]])


@pytest.mark.parametrize(
    "embeddings",
    [
        None,
        {},
        [],
        "x",
        {"float": []},
        {"float": [[]]},
        {"float": [["x"]]},
        {"float": [["x"], [1]]},
        [[None], [1]],
        [[1], [2]],
    ],
)
def test_an_answer_without_a_sound_vector_for_each_input_is_a_fault(embeddings):
    assert isinstance(read(DIALECT, {"embeddings": embeddings}, wanted()), Fault)
