"""Vercel's AI SDK: its four providers, OpenAI's in both of its dialects, each with a model of every dialect."""

import re

import pytest

from tests.frameworks.runs import HERE, MODELS, node

CLIENTS = ("openai", "responses", "anthropic", "google", "compatible")
KINDS = ("tools", "thinking streamed", "schema")


@pytest.fixture(scope="module")
def heard(run):
    return run.all([*node(), "scripts/with_ai_sdk.mjs"], CLIENTS, KINDS)


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_tool_is_called_and_its_result_goes_back(heard, client, dialect):
    for kind in ("tools", "thinking streamed"):
        said = heard[f"{client} {dialect} {kind}"].said
        assert said.get("calls") == [["weather", {"city": "Lisbon"}]], said
        assert said["text"].startswith("They say: ")
        assert "sunny in Lisbon" in said["text"]
        assert (said["finish"], said["usage"]) == (["tool-calls", "stop"], 14)
    assert said["pieces"] > 1


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_thoughts_are_shown(heard, client, dialect):
    said = heard[f"{client} {dialect} thinking streamed"].said
    # Its chat completions of OpenAI's know no thoughts, and Gemini shows them to those who ask to see them.
    hidden = client == "openai" or (client, dialect) == ("compatible", "gemini_generate")
    assert said["thoughts"][0] == ("" if hidden else "Let me think of Lisbon.")


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_has_the_form_of_a_schema(heard, client, dialect):
    said = heard[f"{client} {dialect} schema"].said
    assert said.get("place") == {"city": "Lisbon", "degrees": 21}, said


def test_the_lock_files_name_no_registry():
    for lock in (HERE / "package-lock.json", HERE / "agents" / "package-lock.json", HERE / "requirements.txt"):
        assert not re.findall(r'"resolved"|https?://', lock.read_text())
