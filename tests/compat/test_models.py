"""What a client of this gateway may ask for, in the form that its SDK reads."""

import asyncio
from decimal import Decimal

import anthropic.types
import msgspec
import openai.types
import pytest
from google.genai import types as google
from google.genai.models import _Model_from_mldev

from gateway.call import Refusal
from gateway.compat.endpoints import endpoint
from gateway.compat.models import Models
from gateway.prices import Price
from gateway.prices.catalogue import Catalogue
from tests.compat.scripted import unified

PRICES = {"custom-own/big": Price.of_million(Decimal("0.25"), Decimal("1.5")), "custom-own/*": Price.of_million(1, 1)}
MODELS = Models({"custom-own": ("demo",), "anthropic": ()}, Catalogue(PRICES, {"anthropic": "anthropic"}))
ANTHROPIC = [(b"anthropic-version", b"2023-06-01")]


def asked(path, headers=()):
    call = unified(path, b"", headers=headers, method="GET")
    reply = asyncio.run(MODELS.reply(call, endpoint(path)))
    assert reply.status == 200
    assert reply.header(b"content-type") == b"application/json"
    body = asyncio.run(anext(reply.body))
    assert reply.header(b"content-length") == b"%d" % len(body)
    return msgspec.json.decode(body)


def test_openais_form_is_the_usual_one_with_prices_beside():
    listed = asked(b"models")
    ids = [openai.types.Model.model_validate(one).id for one in listed["data"]]
    assert ids == sorted(ids)
    assert {"custom-own/demo", "custom-own/big"} < set(ids)
    assert not [one for one in ids if "*" in one]
    assert any(one.startswith("anthropic/claude") for one in ids)
    big = next(one for one in listed["data"] if one["id"] == "custom-own/big")
    assert big["pricing"] == {"input": "0.25", "output": "1.5"}


def test_anthropics_sdk_gets_anthropics_form():
    listed = asked(b"v1/models", ANTHROPIC)
    assert all(anthropic.types.ModelInfo.model_validate(one).type == "model" for one in listed["data"])
    assert listed["first_id"] == listed["data"][0]["id"]


def test_googles_sdk_gets_googles_form():
    listed = asked(b"v1beta/models")["models"]
    names = [google.Model._from_response(response=_Model_from_mldev(one), kwargs={}).name for one in listed]
    assert "models/custom-own/demo" in names


def test_one_model_is_its_entry_alone():
    assert asked(b"models/custom-own/big")["id"] == "custom-own/big"
    assert asked(b"v1/models/custom-own%2Fbig", ANTHROPIC)["display_name"]
    assert asked(b"v1beta/models/custom-own/demo")["name"] == "models/custom-own/demo"


@pytest.mark.parametrize("path", [b"models/none/x", b"models/custom-own", b"models/custom-own/BIG", b"v1beta/models/x"])
def test_a_model_that_is_not_listed_is_not_found(path):
    with pytest.raises(Refusal) as refused:
        asked(path)
    assert (refused.value.status, refused.value.code) == (404, "model_not_found")
