"""OpenAI's answers, written, and read by its official SDK."""

import base64
import json
import struct

import httpx
import openai
import pytest
from openai.types import CreateEmbeddingResponse

from gateway.call import Usage
from gateway.translation.embeddings import Vectors, read_request, write_answer
from tests.translation.embeddings.requests_of import wanted

HALVES = [[0.5, -0.25], [1.0, 0.0]]
PACKED = [struct.pack("<2f", *vector) for vector in HALVES]


@pytest.mark.parametrize("vectors", [HALVES, PACKED])
def test_vectors_are_written_as_numbers(vectors):
    answer = write_answer(Vectors(vectors, "m-2", Usage(7, None, 7), "id-1"), wanted(["a", "b"]))
    assert answer == {
        "object": "list",
        "data": [{"object": "embedding", "index": index, "embedding": HALVES[index]} for index in (0, 1)],
        "model": "m-2",
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
        "id": "id-1",
    }
    CreateEmbeddingResponse.model_validate(answer, strict=True)


@pytest.mark.parametrize("vectors", [HALVES, PACKED])
def test_vectors_are_written_as_base64(vectors):
    answer = write_answer(Vectors(vectors), wanted(["a", "b"], encoding_format="base64"))
    assert [base64.b64decode(one["embedding"]) for one in answer["data"]] == PACKED


def test_what_the_provider_does_not_say_is_what_was_asked_for_or_nothing():
    answer = write_answer(Vectors(HALVES), wanted(["a", "b"], model="asked"))
    assert answer["model"] == "asked"
    assert answer["usage"] == {"prompt_tokens": 0, "total_tokens": 0}
    assert "id" not in answer


@pytest.mark.parametrize("chosen", [{}, {"encoding_format": "float"}, {"encoding_format": "base64"}])
def test_the_official_sdk_reads_the_vectors(chosen):
    def gateway(request):
        asked = read_request(json.loads(request.content))
        return httpx.Response(200, json=write_answer(Vectors(HALVES, "m", Usage(3, None, 3)), asked))

    with httpx.Client(transport=httpx.MockTransport(gateway)) as http:
        client = openai.OpenAI(api_key="k", base_url="http://gateway.invalid/compat", http_client=http)
        found = client.embeddings.create(model="m", input=["a", "b"], dimensions=2, user="u", **chosen)
    vectors = [one.embedding for one in found.data]
    if chosen.get("encoding_format") == "base64":
        vectors = [list(struct.unpack("<2f", base64.b64decode(one))) for one in vectors]
    assert [list(one) for one in vectors] == HALVES
    assert [one.index for one in found.data] == [0, 1]
    assert found.usage.prompt_tokens == 3
