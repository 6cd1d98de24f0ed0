import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import DIALECTS
from gateway.providers import asked
from gateway.providers.provider import compiled
from gateway.settings.blocks import ProviderBlock
from tests.providers.calls import provider

ALL = compiled({"mine": ProviderBlock(base_url="http://h")})


def said(name, path, body=b'{"model": "m"}', query=b"", kind=b"application/json"):
    return ALL[name].asked(path.encode(), query, kind, body)


@pytest.mark.parametrize(
    ("name", "path", "dialect", "model", "stream"),
    [
        ("openai", "v1/chat/completions", "openai_chat", "m", False),
        ("openai", "responses", "openai_responses", "m", False),
        ("openai", "responses/input_tokens", "", "m", False),
        ("openai", "threads/t_1/messages", "", "m", False),
        ("openai", "threads/t_1/runs", "openai_assistants", "m", False),
        ("openai", "moderations", "openai_moderations", "m", False),
        ("anthropic", "v1/messages", "anthropic_messages", "m", False),
        ("anthropic", "messages", "anthropic_messages", "m", False),
        ("anthropic", "v1/complete", "anthropic_complete", "m", False),
        ("anthropic", "v1/messages/count_tokens", "", "m", False),
        ("anthropic", "v1/messages/batches", "", "m", False),
        ("anthropic", "v1/chat/completions", "openai_chat", "m", False),
        ("grok", "v1/messages", "anthropic_messages", "m", False),
        ("deepseek", "anthropic/v1/messages", "anthropic_messages", "m", False),
        ("azure-openai", "r/gpt/chat/completions", "openai_chat", "m", False),
        ("azure-openai", "r/openai/v1/responses", "openai_responses", "m", False),
        ("aws-bedrock", "bedrock-runtime/r/model/a%3A0/converse", "bedrock_converse", "a:0", False),
        ("aws-bedrock", "bedrock-runtime/r/model/a:0/converse-stream", "bedrock_converse", "a:0", True),
        ("aws-bedrock", "bedrock-runtime/r/model/a/invoke-with-response-stream", "bedrock_invoke", "a", True),
        ("aws-bedrock", "bedrock-runtime/r/model/a/count-tokens", "", "a", False),
        (
            "aws-bedrock",
            "bedrock-runtime/r/model/arn%3Aaws%3Abedrock%3Aus%3A1%3Ainference-profile%2Fus.x/invoke",
            "bedrock_invoke",
            "arn:aws:bedrock:us:1:inference-profile/us.x",
            False,
        ),
        ("aws-bedrock", "bedrock-mantle/r/anthropic/v1/messages", "anthropic_messages", "m", False),
        ("aws-bedrock", "bedrock-mantle/r/v1/chat/completions", "openai_chat", "m", False),
        ("google-ai-studio", "v1beta/models/g:generateContent", "gemini_generate", "g", False),
        ("google-ai-studio", "v1beta/models/g:streamGenerateContent", "gemini_generate", "g", True),
        ("google-ai-studio", "v1beta/models/g:batchEmbedContents", "gemini_embed", "g", False),
        ("google-ai-studio", "v1beta/models/g:countTokens", "", "g", False),
        ("google-ai-studio", "v1beta/models/g", "", "m", False),
        ("google-ai-studio", "v1beta/openai/chat/completions", "openai_chat", "m", False),
        ("google-ai-studio", "v1beta/interactions", "gemini_interactions", "m", False),
        (
            "google-vertex-ai",
            "v1/publishers/google/models/g:predict",
            "gemini_predict",
            "g",
            False,
        ),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/publishers/anthropic/models/c@1:streamRawPredict",
            "anthropic_messages",
            "c@1",
            True,
        ),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
            "",
            "m",
            False,
        ),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/publishers/mistralai/models/c:rawPredict",
            "openai_chat",
            "c",
            False,
        ),
        ("google-vertex-ai", "v1/projects/p/locations/l/endpoints/openapi/chat/completions", "openai_chat", "m", False),
        ("cohere", "v2/chat", "cohere_chat", "m", False),
        ("cohere", "chat", "cohere_v1_chat", "m", False),
        ("cohere", "compatibility/v1/chat/completions", "openai_chat", "m", False),
        ("mistral", "v1/ocr", "", "m", False),
        ("mistral", "v1/agents/completions", "openai_chat", "m", False),
        ("workers-ai", "@cf/meta/llama-3", "workers_ai", "@cf/meta/llama-3", False),
        ("workers-ai", "run/@cf/meta/llama-3", "workers_ai", "@cf/meta/llama-3", False),
        ("workers-ai", "v1/chat/completions", "openai_chat", "m", False),
        ("huggingface", "org/model", "huggingface", "org/model", False),
        ("huggingface", "org/model/v1/chat/completions", "openai_chat", "org/model", False),
        ("huggingface", "together/v1/chat/completions", "openai_chat", "m", False),
        ("replicate", "v1/models/meta/llama/predictions", "replicate", "meta/llama", False),
        ("replicate", "predictions", "replicate", "m", False),
        ("baseten", "model/abc/predict", "", "abc", False),
        ("fal", "fal-ai/fast-sdxl", "", "fal-ai/fast-sdxl", False),
        ("custom-mine", "api/chat", "ollama_chat", "m", True),
        ("custom-mine", "v1/rerank", "rerank", "m", False),
        ("openai", "", "", "m", False),
    ],
)
def test_a_path_says_what_is_asked_for(name, path, dialect, model, stream):
    found = said(name, path)
    assert (found.dialect, found.model, found.stream) == (dialect, model, stream)
    assert found.operation == (DIALECTS[dialect].operation if dialect else "")


def test_an_azure_deployment_is_the_model_where_the_body_names_none():
    for path in ("r/gpt/chat/completions", "r/openai/deployments/gpt/chat/completions", "r/deployments/gpt/embeddings"):
        assert said("azure-openai", path, b"{}").model == "gpt"
    assert said("azure-openai", "r/openai/v1/responses", b"{}").model == ""


def test_the_body_and_the_query_say_whether_to_stream():
    assert said("openai", "chat/completions", b'{"model": "m", "stream": true}').stream
    assert said("openai", "responses/r_1", b"", b"stream=true&x=1").stream
    assert not said("openai", "responses/r_1", b"", b"stream=false").stream
    assert not said("openai", "responses/r_1", b"", b"upstream=true").stream


def test_the_query_may_name_the_model():
    assert said("deepgram", "v1/listen", b"\x00\x01", b"smart=1&model=nova%2D3", b"audio/wav").model == "nova-3"


def test_other_bodies_name_their_model_in_their_own_fields():
    assert said("elevenlabs", "v1/text-to-speech/v", b'{"model_id": "eleven_v3"}').model == "eleven_v3"
    assert said("cartesia", "tts/bytes", b' {"modelId": "sonic"}').model == "sonic"


def test_parameters_are_those_the_dialect_reads():
    found = said("openai", "chat/completions", b'{"model": "m", "max_tokens": 7}')
    assert found.parameters["gen_ai.request.max_tokens"] == 7


def test_an_upload_names_its_model_in_a_form_field():
    body = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--b--\r\n'
    found = said("openai", "audio/transcriptions", body, kind=b"Multipart/form-data; boundary=b")
    assert (found.model, found.dialect, found.stream) == ("whisper-1", "openai_audio", False)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(ALL)),
    path=st.binary(max_size=80) | st.text("/v1modelchat:%32@.", max_size=60).map(str.encode),
    query=st.binary(max_size=40),
    kind=st.sampled_from([b"", b"application/json", b"multipart/form-data; boundary=x", b"multipart/;boundary="]),
    body=st.binary(max_size=80)
    | st.sampled_from([b"[" * 5000, b'{"model": 1, "stream": "x"}', b'{"model": "\\ud800"}']),
)
def test_nothing_a_client_sends_makes_the_reading_fail(name, path, query, kind, body):
    found = ALL[name].asked(path, query, kind, body)
    assert isinstance(found.model, str)
    assert isinstance(found.stream, bool)
    assert len(found.model) <= 256


def test_long_paths_are_not_remembered():
    made = provider("openai")
    reader = made.asked.__self__
    made.asked(b"x" * (asked.REMEMBERED + 1), b"", b"", b"")
    assert reader.remembered.cache_info().currsize == 0
    made.asked(b"chat/completions", b"", b"", b"")
    assert reader.remembered.cache_info().currsize == 1


def test_a_hostile_path_is_read_in_no_time():
    began = time.perf_counter()
    for path in ("model/" * 10_000, "models/a:" * 7_000, "publishers/x/" * 5_000, "threads/" * 8_000, "/" * 60_000):
        for name in ALL:
            ALL[name].asked(path.encode(), b"&model" * 10_000, b"", b"")
    assert time.perf_counter() - began < 3
