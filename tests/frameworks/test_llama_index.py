"""LlamaIndex's OpenAILike and OpenAILikeResponses, each with a model of every dialect."""

import pytest

from tests.frameworks.runs import MODELS, python

CLIENTS = ("openai", "responses")
KINDS = ("text", "tools", "thinking streamed", "schema")


@pytest.fixture(scope="module")
def heard(run):
    return run.all([*python(), "scripts/with_llama_index.py"], CLIENTS, KINDS)


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_it_says_hello(heard, client, dialect):
    assert heard[f"{client} {dialect} text"].said == {"last": "Hello there."}


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_tool_is_called_and_its_result_goes_back(heard, client, dialect):
    for kind in ("tools", "thinking streamed"):
        said = heard[f"{client} {dialect} {kind}"].said
        assert said.get("calls") == [["weather", {"city": "Lisbon"}]], said
        assert said["last"] == "They say: sunny in Lisbon"
    assert said["pieces"] > 1


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_has_the_form_of_a_class(heard, client, dialect):
    said = heard[f"{client} {dialect} schema"].said
    assert said.get("place") == {"city": "Lisbon", "degrees": 21}, said


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_thoughts_are_shown_where_the_framework_shows_them(heard, client, dialect):
    said = heard[f"{client} {dialect} thinking streamed"].said
    # In Responses it keeps them for itself, and Gemini shows them to those who ask, which a chat cannot.
    hidden = client == "responses" or dialect == "gemini_generate"
    assert said["thought"] == ("" if hidden else "Let me think of Lisbon.")
