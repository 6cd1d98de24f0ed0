"""The list of models as the official SDKs read it."""

import anthropic
import openai
import pytest
from google.genai import errors


@pytest.fixture(scope="module")
def lists(stage):
    """Names of all models, as each SDK lists them."""
    chat, messages = stage.talker("openai_chat").sdk, stage.talker("anthropic_messages").sdk
    google = stage.talker("gemini_generate").sdk
    return {
        "openai": [one.id for one in chat.models.list()],
        "anthropic": [one.id for one in messages.models.list()],
        "google": [one.name.removeprefix("models/") for one in google.models.list()],
    }


def test_all_sdks_list_the_same_models(lists):
    assert lists["openai"] == lists["anthropic"] == lists["google"]
    assert len(set(lists["openai"])) == len(lists["openai"]) > 100


def test_models_are_named_as_they_are_asked_for(lists):
    assert {"openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"} <= set(lists["openai"])
    assert all("/" in name for name in lists["openai"])


def test_one_model_has_its_price_and_its_context_window(stage):
    found = stage.talker("openai_chat").sdk.models.retrieve("openai/gpt-4o-mini")
    assert (found.id, found.owned_by, found.context_window) == ("openai/gpt-4o-mini", "openai", 128000)
    assert found.pricing["input"] == "0.15"
    assert stage.talker("anthropic_messages").sdk.models.retrieve("openai/gpt-4o-mini").id == "openai/gpt-4o-mini"
    google = stage.talker("gemini_generate").sdk.models.get(model="openai/gpt-4o-mini")
    assert (google.name, google.input_token_limit) == ("models/openai/gpt-4o-mini", 128000)


def test_a_model_that_is_not_listed_is_not_found(stage):
    with pytest.raises(openai.NotFoundError):
        stage.talker("openai_chat").sdk.models.retrieve("openai/gpt-nothing")
    with pytest.raises(anthropic.NotFoundError):
        stage.talker("anthropic_messages").sdk.models.retrieve("openai/gpt-nothing")
    with pytest.raises(errors.ClientError):
        stage.talker("gemini_generate").sdk.models.get(model="openai/gpt-nothing")
