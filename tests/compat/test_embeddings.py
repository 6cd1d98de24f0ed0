"""Every recorded embedding of every provider, asked for with OpenAI's SDK."""

import json
import math
from urllib.parse import unquote, urlsplit

import openai
import pytest

from tests import corpus
from tests.compat.heard import OF_STATUS
from tests.compat.recordings import OWN, SLUGS
from tests.compat.stage import played
from tests.compat.told import fault
from tests.translation.embeddings.test_corpus import EXCHANGES, asked, numbers, walk

pytestmark = corpus.present

NATIVE = {"openai", "azure-openai", OWN}
"""Whose bytes pass."""
SURFACES = sorted({(one.provider, one.surface) for one in EXCHANGES})


def ask(stage, exchange, encoding):
    """The recorded question with the SDK, and the id under which the provider got it."""
    slug, id = SLUGS.get(exchange.provider, OWN), f"{exchange.id}/{encoding}"
    stage.player.said[id] = played(exchange)
    body = {name: value for name, value in asked(exchange).items() if value is not None}
    model = str(body.pop("model")).removeprefix("models/")
    model = f"scrubbed-resource/{model}" if slug == "azure-openai" else model
    body.pop("encoding_format", None)
    given = {} if encoding is None else {"encoding_format": encoding}
    sdk = stage.talker("openai_chat", slug).sdk
    more = {"extra_headers": stage.headers(id, slug), "extra_body": body}
    return sdk.embeddings.create(model=f"{slug}/{model}", input=body.pop("input"), **given, **more), id


def arrives(exchange):
    """The end of the path at which a provider must be asked."""
    path = unquote(urlsplit(exchange.url).path).replace(":embedContent", ":batchEmbedContents")
    if exchange.surface == "embeddings":
        return "/embeddings"
    return path[path.index("/publishers") :] if "/publishers" in path else path


def faults(exchange, stage, answer, id):
    """In what an answer is not what was recorded."""
    recorded, tokens = walk(exchange)
    want = [numbers(vector, "b" if exchange.provider == "perplexity" else "f") for vector in recorded]
    got = [one.embedding for one in answer.data]
    found = [] if [one.index for one in answer.data] == list(range(len(want))) else ["indices"]
    if [len(one) for one in got] != [len(one) for one in want]:
        return [*found, f"{[len(one) for one in got]} numbers not {[len(one) for one in want]}"]
    if exchange.provider == "perplexity":
        # Whole numbers, which are vectors of length 1 in a client's form.
        want = [[number / math.sqrt(sum(one * one for one in vector)) for number in vector] for vector in want]
        got = [[number / math.sqrt(sum(one * one for one in vector)) for number in vector] for vector in got]
    pairs = zip([x for one in got for x in one], [x for one in want for x in one], strict=True)
    if not all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in pairs):
        found.append("numbers")
    tokens = tokens or int(exchange.headers.get("x-amzn-bedrock-input-token-count", 0))
    if (answer.usage.prompt_tokens if answer.usage else 0) != tokens and exchange.provider != "voyage":
        found.append(f"usage {answer.usage} not {tokens}")
    (sent,) = stage.player.got[id]
    if not unquote(urlsplit(sent.target).path).endswith(arrives(exchange)):
        found.append(f"{sent.target} is not {arrives(exchange)}")
    if (stage.lines()[id]["tokens_in"] or 0) != tokens:
        found.append(f"logged {stage.lines()[id]['tokens_in']} not {tokens}")
    return found


@pytest.mark.parametrize(("provider", "surface"), SURFACES)
def test_recorded_vectors_are_what_the_sdk_gets(stage, provider, surface):
    wrong = []
    for one in [one for one in EXCHANGES if (one.provider, one.surface, one.status) == (provider, surface, 200)]:
        for encoding in (None,) if SLUGS.get(provider, OWN) in NATIVE else (None, "float", "base64"):
            answer, id = ask(stage, one, encoding)
            if encoding == "base64":
                assert all(isinstance(vector.embedding, str) for vector in answer.data)
                for vector in answer.data:
                    vector.embedding = numbers(vector.embedding, "f")
            if found := faults(one, stage, answer, id):
                wrong.append((one.id, encoding, found))
    assert not wrong, "\n".join(map(str, wrong))


FAILED = [one for one in EXCHANGES if one.status >= 400]


@pytest.mark.parametrize("exchange", FAILED, ids=[one.id for one in FAILED])
def test_recorded_errors_are_the_sdks_exceptions(stage, exchange):
    with pytest.raises(getattr(openai, OF_STATUS[exchange.status])) as caught:
        ask(stage, exchange, None)
    assert caught.value.body["message"] == fault(json.loads(exchange.body)).message
