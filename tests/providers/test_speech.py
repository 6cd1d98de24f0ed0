"""What is spoken with each provider on the unified endpoints, and where."""

import json

import msgspec
import pytest

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text
from gateway.conversation.request import Conversation, Message
from gateway.dialects import DIALECTS
from gateway.providers.provider import compiled
from gateway.providers.rows import Row, Speech, load
from gateway.providers.speech import EMBEDS, FAMILIES, speech, speeches
from gateway.settings.blocks import ProviderBlock
from gateway.translation.bedrock_converse import CODEC as CONVERSE
from gateway.translation.codec import Quirks
from gateway.translation.embeddings import CODECS, Wanted
from gateway.translation.gemini_generate import CODEC as GEMINI
from tests.providers.calls import call, url
from tests.providers.spoken import DOCUMENTED, PROVIDERS, VECTORS, goes_to, there

SILENT = {"adobe-firefly", "cartesia", "deepgram", "elevenlabs", "fal", "ideogram", "replicate"}


@pytest.mark.parametrize(
    ("slug", "model", "client", "stream", "dialect", "where"), DOCUMENTED, ids=lambda value: str(value)[:60]
)
def test_a_unified_call_goes_where_the_providers_own_documentation_says(slug, model, client, stream, dialect, where):
    spoken = there(slug, model, client)
    assert spoken.dialect == dialect
    assert url(goes_to(slug, spoken, model, stream=stream)) == where


def test_every_provider_is_in_the_table_or_silent():
    assert {one[0] for one in DOCUMENTED} == set(load()) - SILENT
    assert {name for name, row in load().items() if not speeches(row)} == SILENT


def test_every_dialect_that_a_provider_speaks_is_in_the_table():
    listed = {(one[0], one[4]) for one in DOCUMENTED}
    spoken = {(name, one.dialect) for name, row in load().items() for one in speeches(row)}
    assert spoken == listed


@pytest.mark.parametrize("slug", sorted(set(load()) - SILENT))
def test_the_place_of_a_speech_is_recognised_as_its_dialect(slug):
    for name, model, client, stream, dialect, _ in DOCUMENTED:
        if name != slug:
            continue
        spoken = there(slug, model, client)
        path, query = spoken.place(model, stream)
        body = json.dumps({"model": spoken.name(model), "stream": stream}).encode()
        said = PROVIDERS[slug].asked(path, query, b"application/json", body)
        seen = "bedrock_invoke" if spoken.wrap == "bedrock" else dialect
        if dialect == "gemini_predict" and b":embedContent" in path:
            seen = "gemini_embed"
        assert said.dialect == seen
        assert said.stream == stream
        assert DIALECTS[seen].operation == said.operation


def test_what_a_provider_calls_the_model():
    named = {
        ("azure-openai", "my-res/my-gpt"): "my-gpt",
        ("google-vertex-ai", "google/gemini-2.5-pro"): "gemini-2.5-pro",
        ("google-vertex-ai", "anthropic/claude-opus-4-5@20251101"): "claude-opus-4-5@20251101",
        ("google-vertex-ai", "meta/llama-4-maas"): "meta/llama-4-maas",
        ("google-ai-studio", "models/gemini-2.5-pro"): "gemini-2.5-pro",
        ("openrouter", "anthropic/claude-sonnet-4.5"): "anthropic/claude-sonnet-4.5",
        ("huggingface", "Qwen/Qwen3-4B:together"): "Qwen/Qwen3-4B:together",
        ("aws-bedrock", "us.amazon.nova-lite-v1:0"): "us.amazon.nova-lite-v1:0",
    }
    assert {(slug, model): there(slug, model, "openai_chat").name(model) for slug, model in named} == named


def test_clouds_wrap_claude_and_nothing_else():
    assert there("aws-bedrock", "anthropic.claude-v2", "anthropic_messages").wrap == "bedrock"
    assert there("google-vertex-ai", "claude-3-haiku@20240307", "anthropic_messages").wrap == "vertex"
    wrapped = [(name, one.wrap) for name, row in load().items() for one in speeches(row) if one.wrap]
    assert wrapped == [("aws-bedrock", "bedrock"), ("google-vertex-ai", "vertex")]


# fmt: off
NOWHERE = [
    ("azure-openai", "gpt-5", "openai_chat"),             # no resource
    ("azure-openai", "a/b/c", "openai_chat"),
    ("aws-bedrock", "us.amazon.nova-lite-v1:0", VECTORS),
    ("google-ai-studio", "google/gemini-2.5-pro", "openai_chat"),
    ("google-vertex-ai", "mistralai/mistral-large", "openai_chat"),  # rawPredict, in a form of its own
    ("google-vertex-ai", "a/b/c", "openai_chat"),
    ("cerebras", "gpt-oss-120b", VECTORS),
    ("anthropic", "claude-opus-4-5", VECTORS),
    ("replicate", "meta/llama", "openai_chat"),
    ("elevenlabs", "eleven_v3", "openai_chat"),
]
# fmt: on


@pytest.mark.parametrize(("slug", "model", "client"), NOWHERE)
def test_a_model_or_a_kind_that_a_provider_does_not_have_has_no_place(slug, model, client):
    assert there(slug, model, client) is None


def test_a_speech_refuses_a_model_that_it_does_not_fit():
    spoken = there("azure-openai", "my-res/my-gpt", "openai_chat")
    for asked in (spoken.name, lambda model: spoken.place(model, False)):
        with pytest.raises(Refusal, match="model") as refused:
            asked("gpt-5")
        assert refused.value.status == 400


def test_a_custom_provider_speaks_what_its_family_speaks():
    made = compiled(
        {
            "vllm": ProviderBlock(base_url="http://127.0.0.1:8000/v1"),
            "router": ProviderBlock(base_url="https://llm.example.com/anthropic", dialect="anthropic"),
            "proxy": ProviderBlock(base_url="https://g.example.com", dialect="gemini"),
            "north": ProviderBlock(base_url="https://c.example.com/v1", dialect="cohere"),
            "aws": ProviderBlock(base_url="https://b.example.com", dialect="bedrock"),
        }
    )
    found = {}
    for name in ("vllm", "router", "proxy", "north", "aws"):
        provider = made[f"custom-{name}"]
        spoken = speech(provider, "m", "openai_responses")
        path, query = spoken.place("m", False)
        found[name] = url(provider.target(call(path.decode(), query.decode()), None))
    assert found == {
        "vllm": "http://127.0.0.1:8000/v1/chat/completions",
        "router": "https://llm.example.com/anthropic/v1/messages",
        "proxy": "https://g.example.com/v1beta/models/m:generateContent",
        "north": "https://c.example.com/v2/chat",
        "aws": "https://b.example.com/model/m/converse",
    }


def test_a_family_that_the_settings_choose_for_a_built_in_provider_wins_over_its_row():
    made = compiled({"openai": ProviderBlock(dialect="anthropic")})["openai"]
    assert made.speeches == FAMILIES["anthropic"]
    assert compiled({"openai": ProviderBlock(http2=True)})["openai"].speeches == speeches(load()["openai"])


@pytest.mark.parametrize("model", ["gpt-5-codex", "o3-pro", "gpt-5-pro-2025-10-06", "o4-mini-deep-research"])
def test_models_that_only_responses_has_are_asked_for_there(model):
    for client in ("openai_chat", "anthropic_messages", "openai_responses"):
        assert there("openai", model, client).dialect == "openai_responses"
    assert there("openai", "gpt-5-preview", "openai_chat").dialect == "openai_chat"


def test_a_row_is_asked_as_a_provider_is():
    assert speech(load()["openai"], "gpt-5", "openai_responses") == there("openai", "gpt-5", "openai_responses")
    assert speeches(Row()) == FAMILIES["openai"]
    assert speeches(Row(speaks=())) == ()


def test_tokens_are_counted_where_the_provider_has_a_place_for_it():
    counted = {
        ("anthropic", "claude-opus-4-5"): b"v1/messages/count_tokens",
        ("google-ai-studio", "gemini-2.5-pro"): b"v1beta/models/gemini-2.5-pro:countTokens",
        ("google-vertex-ai", "google/gemini-2.5-pro"): b"publishers/google/models/gemini-2.5-pro:countTokens",
    }
    for (slug, model), path in counted.items():
        assert there(slug, model, "gemini_generate").counting(model) == path
    with pytest.raises(Refusal) as refused:
        there("openrouter", "m", "anthropic_messages").counting("m")
    assert refused.value.status == 400


WANTED = [
    ("google-ai-studio", "gemini-embedding-001"),
    ("google-vertex-ai", "google/text-embedding-005"),
    ("google-vertex-ai", "gemini-embedding-001"),
    ("google-vertex-ai", "gemini-embedding-2"),
    ("google-vertex-ai", "google/embeddinggemma-maas"),
    ("google-vertex-ai", "intfloat/multilingual-e5-large-instruct-maas"),
    ("cohere", "embed-v4.0"),
    ("aws-bedrock", "amazon.titan-embed-text-v2:0"),
    ("aws-bedrock", "us.cohere.embed-v4:0"),
    ("perplexity-ai", "pplx-embed-v1"),
]


@pytest.mark.parametrize(("slug", "model"), WANTED)
def test_the_place_of_embeddings_is_the_one_that_their_codec_writes(slug, model):
    spoken = there(slug, model, VECTORS)
    codec = CODECS[spoken.dialect]
    written = codec.write_request(
        Wanted(spoken.name(model), ["text"]), Losses(codec.rules), load()[slug].embedding_quirks
    )
    assert spoken.below(written.path) == spoken.place(model, False)[0]


@pytest.mark.parametrize("stream", [True, False])
def test_the_place_of_a_chat_is_the_one_that_its_codec_writes(stream):
    for slug, model, codec in (
        ("google-ai-studio", "gemini-2.5-pro", GEMINI),
        ("aws-bedrock", "us.amazon.nova-lite-v1:0", CONVERSE),
        ("aws-bedrock", "arn:aws:bedrock:eu-west-3:1:inference-profile/x", CONVERSE),
    ):
        spoken = there(slug, model, "openai_chat")
        asked = Conversation("openai_chat", spoken.name(model), [Message("user", [Text("x")])], stream=stream)
        written = codec.write_request(asked, Losses(codec.rules), Quirks())
        assert (spoken.below(written.path), written.query.encode()) == spoken.place(model, stream)


def test_a_path_of_many_embeddings_has_the_same_beginning():
    spoken = there("google-ai-studio", "gemini-embedding-001", VECTORS)
    assert spoken.below("models/m:batchEmbedContents") == b"v1beta/models/m:batchEmbedContents"
    spoken = there("google-vertex-ai", "gemini-embedding-2", VECTORS)
    assert spoken.below("publishers/google/models/m:x") == b"publishers/google/models/m:x"
    assert spoken.below("elsewhere/m") == b"elsewhere/m"


def test_speeches_name_dialects_that_there_are():
    for row in load().values():
        for one in speeches(row):
            assert one.dialect in DIALECTS
            assert (one.dialect in EMBEDS) == (one.dialect in CODECS)
            assert not one.stream_path or one.dialect not in EMBEDS


def test_a_misspelt_field_of_a_speech_is_an_error():
    with pytest.raises(msgspec.ValidationError, match="dialekt"):
        msgspec.convert({"dialekt": "openai_chat", "path": "x"}, Speech)
    with pytest.raises(msgspec.ValidationError, match="openai_chatt"):
        msgspec.convert({"dialect": "openai_chatt", "path": "x"}, Speech)
