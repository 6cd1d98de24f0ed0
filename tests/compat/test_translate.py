"""The policy just outside upstream: what is in its provider's form already passes."""

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from gateway.compat.translate import Translate
from tests.compat.scripted import ASK, COUNT, DONE, EMBEDDINGS, REACH, UNIFIED, Provider, says, unified

TRANSLATE = Translate(REACH)


def reached(call, *replies):
    provider = Provider(*replies)

    async def run():
        return await TRANSLATE(call, provider)

    asyncio.run(run())
    return provider.asked


def test_a_call_in_its_providers_form_passes_as_the_object_that_it_is():
    call = replace(unified(), provider="groq", form="")
    assert reached(call, says({})) is call


@pytest.mark.parametrize(
    ("path", "model", "body", "answer", "expected"),
    [
        (b"chat/completions", "groq/m", ASK, DONE, b"chat/completions"),
        (COUNT, "anthropic/m", ASK, {"input_tokens": 1}, b"v1/messages/count_tokens"),
        (EMBEDDINGS, "cohere/m", {"input": "Hi"}, {"embeddings": {"float": [[1.0]]}}, b"v2/embed"),
    ],
)
def test_each_kind_of_call_goes_its_own_way(path, model, body, answer, expected):
    call = UNIFIED.resolved(unified(path, {**body, "model": model}))
    assert call.form
    made = reached(call, says(answer))
    assert (made.path, made.form) == (expected, "")


def test_whoever_came_between_may_have_chosen_another_provider():
    call = UNIFIED.resolved(unified(body={**ASK, "model": "groq/m"}))
    other = replace(call, provider="cerebras", asked=replace(call.asked, model="other"))
    made = reached(other, says(DONE))
    assert (made.provider, msgspec.json.decode(made.body)["model"]) == ("cerebras", "other")
