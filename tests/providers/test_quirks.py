"""What rows say of their providers' dialects names things that there are, and does what it says."""

import json

import pytest

from gateway.conversation.losses import FEATURES, Losses
from gateway.conversation.parts import Media, Text, Thinking, ToolUse
from gateway.conversation.request import PARAMETERS, Choice, Conversation, Format, Message, Reasoning
from gateway.providers.provider import compiled
from gateway.providers.rows import load
from gateway.providers.speech import speech, speeches
from gateway.translation.embeddings import CODECS, NAMES, Wanted, ruled
from gateway.translation.embeddings.wanted import INPUT_TYPES
from gateway.translation.openai_chat import CODEC
from gateway.translation.openai_chat.contents_out import WHOLE
from gateway.translation.openai_chat.messages_out import DETAILS
from tests.corpus import exchanges, present
from tests.providers.test_recorded import as_a_client_writes_it
from tests.translation.embeddings.rows import QUIRKS

CHATTING = sorted(name for name, row in load().items() if any(one.dialect == "openai_chat" for one in speeches(row)))
NAMED = {*PARAMETERS, *FEATURES}
EFFORTS = {f"reasoning.effort.{word}" for word in ("none", "minimal", "low", "medium", "high", "xhigh", "max")}
HI = [Message("user", [Text("hi")])]


def quirks_of(name):
    """A provider's quirks as a speaker of OpenAI's chat completions."""
    own = [one.quirks for one in speeches(load()[name]) if one.dialect == "openai_chat" and one.quirks]
    return own[0] if own else load()[name].quirks


def write(name, **given):
    losses = Losses(CODEC.rules)
    given = {"messages": HI, **given}
    return CODEC.write_request(Conversation("gemini_generate", "m", **given), losses, quirks_of(name)).body, losses


@pytest.mark.parametrize("name", load())
def test_quirks_name_only_things_that_there_are(name):
    quirks = quirks_of(name)
    assert set(quirks.refuses) <= {*NAMED, WHOLE, "refusal"}
    assert len(set(quirks.refuses)) == len(quirks.refuses)
    assert set(quirks.renames) <= NAMED | EFFORTS
    assert not set(quirks.refuses) & set(quirks.renames)
    assert quirks.limit in ("", "max_tokens")
    assert quirks.thoughts in ("", "content", "reasoning", "reasoning_content", DETAILS)


@pytest.mark.parametrize("name", load())
def test_only_a_provider_of_the_dialect_has_quirks_in_it(name):
    row = load()[name]
    if row.quirks != type(row.quirks)():
        assert name in CHATTING
    if row.embedding_quirks != type(row.embedding_quirks)():
        assert any(one.dialect == "openai_embeddings" for one in speeches(row))


@pytest.mark.parametrize("name", load())
def test_embedding_quirks_name_only_things_that_there_are(name):
    quirks = load()[name].embedding_quirks
    assert {*quirks.refuses, *quirks.renames} <= set(NAMES)
    assert set(quirks.input_types) <= set(INPUT_TYPES.values())


@pytest.mark.parametrize("name", sorted(set(QUIRKS) & set(load())))
def test_embedding_quirks_are_those_that_the_codec_was_tested_with(name):
    assert load()[name].embedding_quirks == QUIRKS[name]


@pytest.mark.parametrize("name", CHATTING)
def test_every_chat_provider_takes_a_plain_question(name):
    body, losses = write(
        name, messages=[Message("developer", [Text("be kind")]), *HI], stream=True, parameters={"max_tokens": 9}
    )
    assert (losses.refused, losses.hints) == ([], [])
    assert body["messages"][0]["role"] == quirks_of(name).renames.get("developer", "developer")
    assert body[quirks_of(name).limit or "max_completion_tokens"] == 9


def test_mistral_is_spoken_to_in_its_own_words():
    calls = Message("assistant", [Thinking("hm"), ToolUse("call_1", "f", "{}")])
    body, losses = write(
        "mistral",
        messages=[*HI, calls, Message("user", [Media("document", "application/pdf", url="https://x/y.pdf")])],
        stream=True,
        choice=Choice("required"),
        parameters={"seed": 1, "max_tokens": 5},
    )
    assert losses.refused == []
    assert (body["random_seed"], body["max_tokens"], body["tool_choice"]) == (1, 5, "any")
    assert "stream_options" not in body
    assert len(body["messages"][1]["tool_calls"][0]["id"]) == 9
    assert body["messages"][1]["content"][0]["type"] == "thinking"
    assert body["messages"][2]["content"] == [{"type": "document_url", "document_url": "https://x/y.pdf"}]


WISHES = [
    ("openai", Reasoning(effort="high"), {"reasoning_effort": "high"}),
    ("cerebras", Reasoning(effort="minimal"), {"reasoning_effort": "low"}),
    ("groq", Reasoning(effort="max"), {"reasoning_effort": "high"}),
    ("deepseek", Reasoning(effort="max"), {"thinking": {"type": "enabled"}, "reasoning_effort": "max"}),
    ("deepseek", Reasoning(effort="none"), {"thinking": {"type": "disabled"}}),
    ("openrouter", Reasoning(budget=99), {"reasoning": {"max_tokens": 99}}),
    ("alibaba", Reasoning(budget=99), {"enable_thinking": True, "thinking_budget": 99}),
    ("grok", Reasoning(effort="minimal"), {"reasoning_effort": "low"}),
]


@pytest.mark.parametrize(("name", "asked", "said"), WISHES)
def test_thinking_is_asked_for_in_the_providers_way(name, asked, said):
    body, losses = write(name, reasoning=asked)
    assert losses.refused == []
    assert {key: body.get(key) for key in said} == said


THOUGHTS = {"cerebras": "reasoning", "groq": "reasoning", "deepseek": "reasoning_content", "openrouter": DETAILS}


@pytest.mark.parametrize(("name", "place"), THOUGHTS.items())
def test_thoughts_go_back_where_the_provider_reads_them(name, place):
    body, _ = write(name, messages=[*HI, Message("assistant", [Thinking("hm"), Text("x")]), *HI])
    assert body["messages"][1][place]


LOST = [
    ("openai", {"parameters": {"top_k": 4}}, "top_k"),
    ("groq", {"parameters": {"n": 2}}, "n"),
    ("groq", {"messages": [Message("user", [Text("x")], name="ann")]}, "name"),
    ("perplexity-ai", {"choice": Choice("required")}, "tool_choice.required"),
    ("perplexity-ai", {"format": Format("json")}, "format.json"),
    ("deepseek", {"format": Format("schema", schema={})}, "format.schema"),
    ("parallel", {"parameters": {"temperature": 1}}, "temperature"),
    ("minimax", {"reasoning": Reasoning(effort="high")}, "reasoning.effort"),
    ("together", {"parameters": {"logprobs": True}}, "logprobs"),
    ("workers-ai", {"parameters": {"n": 2}}, "n"),
]


@pytest.mark.parametrize(("name", "given", "lost"), LOST)
def test_what_a_provider_would_ignore_is_refused(name, given, lost):
    assert write(name, **given)[1].refused == [lost]


@pytest.mark.parametrize("name", CHATTING)
def test_values_that_ask_for_nothing_are_no_loss(name):
    _, losses = write(name, parameters={"n": 1, "frequency_penalty": 0, "presence_penalty": 0, "logprobs": False})
    assert losses.refused == []


def test_workers_ai_gets_texts_as_one():
    body, _ = write("workers-ai", messages=[Message("user", [Text("a"), Text("b")])])
    assert body["messages"][0]["content"] == "a\n\nb"


@pytest.mark.parametrize("name", load())
def test_embeddings_of_a_text_can_be_asked_of_all_that_have_them(name):
    row = load()[name]
    for one in speeches(row):
        if one.dialect == "openai_embeddings":
            codec = CODECS[one.dialect]
            losses = Losses(ruled(codec, row.embedding_quirks))
            codec.write_request(Wanted("m", ["text"]), losses, row.embedding_quirks)
            assert losses.refused == []


@present
def test_what_providers_were_recorded_to_take_is_not_refused():
    providers = compiled({})
    refused, seen = {}, 0
    for recorded in exchanges():
        found = as_a_client_writes_it(recorded)
        if found is None or recorded.surface != "chat" or recorded.status != 200 or not recorded.request_recorded:
            continue
        row = load()[found[0]]
        assert speech(providers[found[0]], "a/b", "openai_chat")
        losses = Losses(CODEC.rules)
        CODEC.write_request(CODEC.read_request(json.loads(recorded.request_body)), losses, row.quirks)
        seen += 1
        for lost in losses.refused:
            refused.setdefault(found[0], {}).setdefault(lost, []).append(recorded.id)
    assert refused == {}
    assert seen > 250
