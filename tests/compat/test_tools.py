"""Tools there and back: a recorded call through each SDK, and its result on its way to the provider that asked."""

import json

import pytest

from tests import corpus
from tests.compat import recordings
from tests.compat.heard import arguments
from tests.compat.stage import replayed
from tests.compat.turns import TURNS, Back
from tests.dialects import independent

pytestmark = corpus.present

DIALECTS = sorted({one.dialect for one in recordings.recordings()}) if (corpus.FOLDER / "dev").is_dir() else []


UNSIGNED = "skip_thought_signature_validator"
"""Google's own word for a call that has no signature, which its newer models refuse otherwise."""


def calling(client, dialect):
    """Recordings of a dialect that call tools, each with the slug to ask it under."""
    found = [one for one in recordings.recordings() if one.dialect == dialect and one.exchange.surface != "invoke"]
    found = [one for one in found if not one.said.failed and one.said.voices and one.said.first.calls]
    return [(one, recordings.home(one, client)) for one in found if one.said.first.reason == "tool_use"]


def proofs(recording):
    """Every signature and every encrypted thought of a recorded answer, in the order in which they came."""
    return [one for one in PROOFS[recording.dialect](independent.documents(recording.exchange.body)) if one]


def members(value, *names):
    """All strings under these names, anywhere."""
    if isinstance(value, list):
        return [found for one in value for found in members(one, *names)]
    if not isinstance(value, dict):
        return []
    found = [one for name, one in value.items() if name in names and isinstance(one, str)]
    return found + [deep for one in value.values() for deep in members(one, *names)]


def ended(documents):
    """Of a stream of responses only what its items are in the end."""
    last = documents[-1].get("response", documents[-1])
    done = [one["item"] for one in documents if one.get("type") == "response.output_item.done"]
    return members(done or last["output"], "encrypted_content")


PROOFS = {
    "openai_chat": lambda found: members(
        [one.get("choices") for one in found], "signature", "data", "thought_signature"
    ),
    "openai_responses": ended,
    "anthropic_messages": lambda found: members(found, "signature", "data"),
    "gemini_generate": lambda found: members(found, "thoughtSignature"),
    "bedrock_converse": lambda found: members(found, "signature", "redactedContent"),
    "cohere_chat": lambda _: [],
}


def result(text):
    """A result as words: Google's clients send an object, which others get as its JSON."""
    try:
        return json.loads(text)["result"]
    except (ValueError, TypeError, KeyError):
        return text


def trip(stage, client, one, slug):
    """What is wrong with what came back to the provider."""
    model = f"{slug}/{recordings.named(one, slug)}"
    sdk = stage.talker(client, slug).sdk
    known = one.said.first.calls
    turns = TURNS[client](sdk, model, sorted({name for _, name, _ in known}))
    first, second = f"{one.id}/{client}/asked", f"{one.id}/{client}/answered"
    stage.player.said[first] = stage.player.said[second] = replayed(one)
    turns.ask(stage.headers(first, slug), stream=one.exchange.stream)
    results = [f"It was {number} °C." for number in range(len(known))]
    whole = one if not one.exchange.stream else WHOLE[one.dialect]()
    stage.player.said[second] = replayed(whole)
    turns.answer(results, stage.headers(second, slug))
    (sent,) = stage.player.got[second]
    back = Back(one.dialect, json.loads(sent.body))
    found = []
    ids = [id for id, _, _ in back.calls]
    wanted = [(id, name, arguments(given)) for id, name, given in known]
    if [(id if known[at][0] else "", *rest) for at, (id, *rest) in enumerate(back.calls)] != wanted:
        found.append(f"calls {back.calls} not {wanted}")
    if sorted((id, result(text)) for id, text in back.results) != sorted(zip(ids, results, strict=False)):
        found.append(f"results {back.results} not {list(zip(ids, results, strict=False))}")
    signed = [one for one in back.proofs if one != UNSIGNED]
    if signed != proofs(one):
        found.append(f"proofs {[text[:60] for text in signed]} not {[text[:60] for text in proofs(one)]}")
    return found


def whole(dialect):
    return lambda: next(
        one
        for one in recordings.recordings()
        if one.dialect == dialect and not one.exchange.stream and one.exchange.status == 200
    )


WHOLE = {dialect: whole(dialect) for dialect in DIALECTS}
"""An answer to the second question, which is not streamed."""


PAIRS = [(client, dialect) for client in TURNS for dialect in DIALECTS if client != dialect]
"""Where the bytes pass nothing is to be shown, and some providers' own streams are too odd for the SDKs' helpers."""


@pytest.mark.parametrize(("client", "dialect"), PAIRS)
def test_calls_results_and_signatures_come_back_to_their_provider(stage, client, dialect):
    wrong, count = [], 0
    for one, slug in calling(client, dialect):
        try:
            found = trip(stage, client, one, slug)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"[:600]
        count += 1
        if found:
            wrong.append((one.id, slug, found))
    assert count
    assert not wrong, f"{len(wrong)} of {count}\n" + "\n".join(map(str, wrong))
