"""Pydantic AI's models for OpenAI, Anthropic and Google, each with a model of every dialect."""

import pytest

from tests.frameworks.runs import MODELS, python

CLIENTS = ("openai", "responses", "anthropic", "google")
KINDS = ("tools", "thinking streamed", "schema", "agent")


@pytest.fixture(scope="module")
def heard(run):
    return run.all([*python(), "scripts/with_pydantic_ai.py"], CLIENTS, KINDS)


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_tool_is_called_and_its_result_goes_back(heard, client, dialect):
    for kind in ("tools", "thinking streamed"):
        said = heard[f"{client} {dialect} {kind}"].said
        assert said.get("results") == ["sunny in Lisbon"], said
        assert said["output"].startswith("They say: ")
        assert "sunny in Lisbon" in said["output"]
        assert said["usage"] == 14
    assert said["pieces"] > 1


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_thoughts_are_shown(heard, client, dialect):
    said = heard[f"{client} {dialect} thinking streamed"].said
    # Gemini shows thoughts to those who ask to see them, and chat completions have no word for that.
    hidden = (client, dialect) == ("openai", "gemini_generate")
    assert [one for one in said["thoughts"] if one][:1] == ([] if hidden else ["Let me think of Lisbon."])


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_has_the_form_of_a_class(heard, client, dialect):
    found = heard[f"{client} {dialect} agent"].said
    assert found.get("output") == {"city": "Lisbon", "degrees": 21}, found
    assert found["results"][0] == "sunny in Lisbon"
    native = heard[f"{client} {dialect} schema"].said
    if client == "anthropic":
        # It knows Claude by name, and believes no other to be able.
        assert "Native structured output is not supported" in native["error"]
    else:
        assert native.get("output") == {"city": "Lisbon", "degrees": 21}, native
