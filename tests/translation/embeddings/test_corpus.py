"""Recorded embeddings of real providers: requests translated to what was recorded, answers read and written."""

import base64
import json
import math
import re
import struct

import pytest
from openai.types import CreateEmbeddingResponse

from gateway.translation.embeddings import Vectors, write_answer
from tests import corpus
from tests.translation.embeddings.requests_of import read, wanted, written
from tests.translation.embeddings.rows import QUIRKS

DIALECTS = {
    "embeddings": "openai_embeddings",
    "v2-embed": "cohere_embed",
    "embedContent": "gemini_embed",
    "predict": "gemini_predict",
    "invoke": "bedrock_invoke",
}
ROWS = {"azure-openai": "azure-openai", "perplexity": "perplexity-ai"}


def of_interest(one):
    if one.surface == "invoke":
        return "embed" in one.url
    return one.surface in DIALECTS


EXCHANGES = [one for one in corpus.exchanges() if of_interest(one)] if corpus.FOLDER.is_dir() else []
ANSWERS = [one for one in EXCHANGES if one.status == 200]
pytestmark = corpus.present
requests = pytest.mark.parametrize("exchange", EXCHANGES, ids=[one.id for one in EXCHANGES])
answers = pytest.mark.parametrize("exchange", ANSWERS, ids=[one.id for one in ANSWERS])


def plain(value):
    """JSON without nulls, and without what is the same as leaving it out."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one not in (None, "float")}
    return [plain(one) for one in value] if isinstance(value, list) else value


def parts_of(content):
    """A client's input for Google's content."""
    found = []
    for part in content["parts"]:
        if "text" in part:
            found.append({"type": "text", "text": part["text"]})
        else:
            image = part["inline_data"]
            url = f"data:{image['mime_type']};base64,{image['data']}"
            found.append({"type": "image_url", "image_url": {"url": url}})
    return {"content": found}


def asked(exchange):
    """What a client would ask of us to have the recorded request sent."""
    body = json.loads(exchange.request_body)
    match DIALECTS[exchange.surface]:
        case "openai_embeddings":
            return body
        case "cohere_embed":
            rest = {name: body.get(name) for name in ("model", "input_type", "truncate")}
            return {**rest, "input": body["texts"], "dimensions": body.get("output_dimension")}
        case "gemini_embed":
            each = body.get("requests") or [body]
            return {
                "model": each[0]["model"],
                "input": [parts_of(one["content"]) for one in each],
                "task_type": each[0].get("taskType"),
                "dimensions": each[0].get("outputDimensionality"),
            }
        case "gemini_predict":
            model = re.search(r"models/([^:]+):predict", exchange.url).group(1)
            return {"model": model, "input": [one["content"] for one in body["instances"]]}
    model = re.search(r"model/([^/]+)/invoke", exchange.url).group(1).replace("%3A", ":")
    if params := body.get("singleEmbeddingParams"):
        text, size = params["text"], params["embeddingDimension"]
        return {"model": model, "input": text["value"], "dimensions": size, "truncate": text["truncationMode"]}
    rest = {name: body.get(name) for name in ("input_type", "truncate")}
    return {**rest, "model": model, "input": body["texts"], "dimensions": body.get("output_dimension")}


def quirks(exchange):
    return QUIRKS.get(ROWS.get(exchange.provider, exchange.provider))


@requests
def test_what_goes_out_is_what_was_recorded(exchange):
    sent = plain(json.loads(exchange.request_body))
    out, refused, _ = written(DIALECTS[exchange.surface], wanted(**asked(exchange)), quirks(exchange))
    assert refused == []
    if "input" in sent:
        tokens = isinstance(sent["input"], list) and isinstance(sent["input"][0], int)
        sent["input"] = [sent["input"]] if tokens or isinstance(sent["input"], str) else sent["input"]
    if "content" in sent:
        sent = {"requests": [sent]}
    body = json.dumps(out.body).replace("inlineData", "inline_data").replace("mimeType", "mime_type")
    assert json.loads(body) == sent
    if out.path != "embeddings":
        path = exchange.url.partition("?")[0].replace(":embedContent", ":batchEmbedContents")
        assert path.replace("v1:0/", "v1%3A0/").endswith(out.path)


def walk(exchange):
    """Vectors and tokens as they stand in the recorded answer."""
    answer = json.loads(exchange.body)
    match DIALECTS[exchange.surface]:
        case "openai_embeddings":
            vectors = [one["embedding"] for one in sorted(answer["data"], key=lambda one: one.get("index", 0))]
            usage = answer["usage"]
            return vectors, usage.get("prompt_tokens", usage["total_tokens"])
        case "cohere_embed":
            return answer["embeddings"]["float"], answer["meta"]["billed_units"]["input_tokens"]
        case "gemini_embed":
            return [one["values"] for one in answer["embeddings"]], answer["usageMetadata"]["promptTokenCount"]
        case "gemini_predict":
            each = [one["embeddings"] for one in answer["predictions"]]
            return [one["values"] for one in each], sum(one["statistics"]["token_count"] for one in each)
    found = answer["embeddings"]
    return (found["float"] if isinstance(found, dict) else [one["embedding"] for one in found]), None


def numbers(vector, form):
    """A recorded vector as numbers, where it is in base64."""
    if not isinstance(vector, str):
        return vector
    packed = base64.b64decode(vector)
    return list(struct.unpack(f"<{len(packed) // struct.calcsize(form)}{form}", packed))


@answers
@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_an_answer_is_read_and_written_for_the_client(exchange, encoding):
    request = wanted(**{**asked(exchange), "encoding_format": encoding})
    found = read(DIALECTS[exchange.surface], exchange.body, request, quirks(exchange))
    assert isinstance(found, Vectors)
    recorded, tokens = walk(exchange)
    vectors = [numbers(vector, "b" if exchange.provider == "perplexity" else "f") for vector in recorded]
    assert len({len(vector) for vector in vectors}) == 1
    answer = write_answer(found, request)
    assert answer["usage"] == {"prompt_tokens": tokens or 0, "total_tokens": tokens or 0}
    assert answer["model"] == json.loads(exchange.body).get("model", request.model)
    assert [one["index"] for one in answer["data"]] == list(range(len(request.inputs)))
    if encoding == "float":
        CreateEmbeddingResponse.model_validate_json(json.dumps(answer), strict=True)
        assert [one["embedding"] for one in answer["data"]] == vectors
    else:
        packed = [struct.pack(f"<{len(vector)}f", *vector) for vector in vectors]
        assert [base64.b64decode(one["embedding"]) for one in answer["data"]] == packed


UNIT = [one for one in ANSWERS if "emb_base64" in one.features and one.provider != "perplexity"]


@pytest.mark.parametrize("exchange", UNIT, ids=[one.id for one in UNIT])
def test_base64_of_every_provider_is_of_32_bit_numbers_with_the_lowest_byte_first(exchange):
    """Their vectors have length 1, which they would not have if they were read in any other way."""
    found = read(DIALECTS[exchange.surface], exchange.body, wanted(**asked(exchange)), quirks(exchange))
    for vector in found.vectors:
        values = numbers(base64.b64encode(vector).decode(), "f") if isinstance(vector, bytes) else vector
        assert math.sqrt(sum(one * one for one in values)) == pytest.approx(1, abs=1e-3)


FAILURES = [one for one in EXCHANGES if one.status >= 400]


@pytest.mark.parametrize("exchange", FAILURES, ids=[one.id for one in FAILURES])
def test_an_error_read_as_an_answer_is_a_fault(exchange):
    fault = read(DIALECTS[exchange.surface], exchange.body, wanted(**asked(exchange)), quirks(exchange))
    assert fault.status == 502
