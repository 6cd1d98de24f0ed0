"""The outermost policy: unified calls get their provider, all others pass untouched."""

import asyncio

import pytest
from msgspec.structs import replace

from gateway.call import Refusal
from gateway.compat.models import Models
from gateway.compat.unify import Unify
from gateway.prices.catalogue import Catalogue
from tests.compat.scripted import ASK, UNIFIED, Provider, says, unified

UNIFY = Unify(UNIFIED, Models({"custom-own": ("m",)}, Catalogue()))


def answered(call, provider=None):
    return asyncio.run(waited(call, provider or Provider()))


async def waited(call, provider):
    return await UNIFY(call, provider)


def test_a_call_of_a_provider_passes_as_the_object_that_it_is():
    provider = Provider(says({}))
    call = replace(unified(), provider="openai")
    answered(call, provider)
    assert provider.asked is call
    assert call.record.surface == "native"


def test_a_unified_call_gets_its_provider_before_anything_is_counted():
    provider = Provider(says({}))
    call = unified(body={**ASK, "model": "groq/llama"})
    answered(call, provider)
    assert (provider.asked.provider, provider.asked.asked.model) == ("groq", "llama")
    assert provider.asked.record is call.record
    assert call.record.surface == "compat"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [b"models", b"v1/models", b"v1beta/models", b"models/custom-own/m"])
def test_models_are_listed_here_and_nobody_is_asked(method, path):
    provider = Provider()
    assert answered(unified(path, b"", method=method), provider).status == 200
    assert provider.calls == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_list_is_no_conversation(method):
    with pytest.raises(Refusal) as refused:
        answered(unified(b"models", {**ASK, "model": "groq/llama"}, method=method))
    assert (refused.value.status, refused.value.headers) == (405, [(b"allow", b"GET, HEAD")])


def test_a_refusal_is_noted_as_one_of_this_surface():
    call = unified(body={})
    with pytest.raises(Refusal):
        answered(call)
    assert call.record.surface == "compat"
