"""LangChain's models for OpenAI, Anthropic and Google, each with a model of every dialect."""

import pytest

from tests.frameworks.runs import MODELS, python

CLIENTS = ("openai", "responses", "anthropic", "google")
KINDS = ("tools", "thinking streamed", "schema", "agent")
SHOWN = {"responses", "anthropic", "google"}
"""Clients that show thoughts; its chat completions know none."""


@pytest.fixture(scope="module")
def heard(run):
    return run.all([*python(), "scripts/with_langchain.py"], CLIENTS, KINDS)


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_tool_is_called_and_its_result_goes_back(heard, client, dialect):
    for kind in ("tools", "thinking streamed"):
        said = heard[f"{client} {dialect} {kind}"].said
        assert said["first"]["calls"] == [["weather", {"city": "Lisbon"}]], said
        assert said["last"]["text"].startswith("They say: ")
        assert "sunny in Lisbon" in said["last"]["text"]
    assert said["pieces"] > 1


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_thoughts_are_shown_where_the_framework_shows_them(heard, client, dialect):
    said = heard[f"{client} {dialect} thinking streamed"].said
    hidden = client not in SHOWN
    assert said["first"]["thought"] == ("" if hidden else "Let me think of Lisbon.")


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_has_the_form_of_a_class(heard, client, dialect):
    for kind in ("schema", "agent"):
        said = heard[f"{client} {dialect} {kind}"].said
        assert said.get("place") == {"city": "Lisbon", "degrees": 21}, said
    assert said["results"][0] == "sunny in Lisbon"


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_usage_is_what_the_model_used(heard, client, dialect):
    assert heard[f"{client} {dialect} tools"].said["first"]["usage"] == 7
    # LangChain asks for usage of a stream only where the URL is OpenAI's own, or `stream_usage=True`.
    streamed = heard[f"{client} {dialect} thinking streamed"].said["first"]["usage"]
    assert streamed == (None if client == "openai" else 7)
