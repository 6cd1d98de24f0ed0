import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.providers.paths import Fixed, origin
from tests.providers.calls import call, goes_to, provider

# fmt: off
DOCUMENTED = [
    ("openai", "chat/completions", "https://api.openai.com/v1/chat/completions"),
    ("openai", "v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
    ("openai", "responses?a=%20b", "https://api.openai.com/v1/responses?a=%20b"),
    ("anthropic", "v1/messages", "https://api.anthropic.com/v1/messages"),
    ("anthropic", "v1/messages?beta=true", "https://api.anthropic.com/v1/messages?beta=true"),
    ("anthropic", "messages", "https://api.anthropic.com/v1/messages"),
    ("anthropic", "api/hello", "https://api.anthropic.com/api/hello"),
    ("azure-openai", "my-res/gpt-4o/chat/completions?api-version=2024-06-01",
     "https://my-res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-06-01"),
    ("azure-openai", "my-res/openai/deployments/gpt/embeddings?api-version=1",
     "https://my-res.openai.azure.com/openai/deployments/gpt/embeddings?api-version=1"),
    ("azure-openai", "my-res//openai/deployments/gpt/embeddings?api-version=1",
     "https://my-res.openai.azure.com//openai/deployments/gpt/embeddings?api-version=1"),
    ("azure-openai", "my-res/deployments/gpt/chat/completions",
     "https://my-res.openai.azure.com/openai/deployments/gpt/chat/completions"),
    ("azure-openai", "MyRes/openai/v1/responses", "https://myres.openai.azure.com/openai/v1/responses"),
    ("aws-bedrock", "bedrock-runtime/us-east-1/model/anthropic.claude-v2%3A1/invoke",
     "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v2%3A1/invoke"),
    ("aws-bedrock", "bedrock-runtime/eu-west-3/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/converse-stream",
     "https://bedrock-runtime.eu-west-3.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/converse-stream"),
    ("aws-bedrock", "bedrock-mantle/us-west-2/anthropic/v1/messages",
     "https://bedrock-mantle.us-west-2.api.aws/anthropic/v1/messages"),
    ("aws-bedrock", "model/m/converse", "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse"),
    ("baseten", "v1/chat/completions", "https://inference.baseten.co/v1/chat/completions"),
    ("baseten", "chat/completions", "https://inference.baseten.co/v1/chat/completions"),
    ("baseten", "model/abc123", "https://model-abc123.api.baseten.co/environments/production/predict"),
    ("baseten", "model/abc123/development/predict", "https://model-abc123.api.baseten.co/development/predict"),
    ("cartesia", "tts/bytes", "https://api.cartesia.ai/tts/bytes"),
    ("cerebras", "chat/completions", "https://api.cerebras.ai/v1/chat/completions"),
    ("cerebras", "v1/chat/completions", "https://api.cerebras.ai/v1/chat/completions"),
    ("cohere", "v1/chat", "https://api.cohere.com/v1/chat"),
    ("cohere", "v2/embed", "https://api.cohere.com/v2/embed"),
    ("cohere", "chat", "https://api.cohere.com/v1/chat"),
    ("cohere", "compatibility/v1/chat/completions",
     "https://api.cohere.com/compatibility/v1/chat/completions"),
    ("deepgram", "v1/listen?model=nova-3", "https://api.deepgram.com/v1/listen?model=nova-3"),
    ("deepseek", "chat/completions", "https://api.deepseek.com/chat/completions"),
    ("deepseek", "v1/chat/completions", "https://api.deepseek.com/v1/chat/completions"),
    ("deepseek", "beta/completions", "https://api.deepseek.com/beta/completions"),
    ("deepseek", "anthropic/v1/messages", "https://api.deepseek.com/anthropic/v1/messages"),
    ("elevenlabs", "v1/text-to-speech/JBF?output_format=mp3_44100_128",
     "https://api.elevenlabs.io/v1/text-to-speech/JBF?output_format=mp3_44100_128"),
    ("fal", "fal-ai/fast-sdxl", "https://fal.run/fal-ai/fast-sdxl"),
    ("fal", "", "https://fal.run/"),
    ("google-ai-studio", "v1/models/gemini-1.0-pro:generateContent",
     "https://generativelanguage.googleapis.com/v1/models/gemini-1.0-pro:generateContent"),
    ("google-ai-studio", "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
     "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
    ("google-ai-studio", "models/gemini-2.5-flash:generateContent",
     "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"),
    ("google-ai-studio", "v1beta/openai/chat/completions",
     "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"),
    ("google-ai-studio", "upload/v1beta/files", "https://generativelanguage.googleapis.com/upload/v1beta/files"),
    ("google-vertex-ai", "v1/projects/p/locations/us-east5/publishers/anthropic/models/claude@1:rawPredict",
     "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude@1:rawPredict"),
    ("google-vertex-ai", "v1/projects/p/locations/global/publishers/google/models/g:generateContent",
     "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/g:generateContent"),
    ("google-vertex-ai", "v1/projects/p/locations/eu/publishers/google/models/g:generateContent",
     "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/publishers/google/models/g:generateContent"),
    ("google-vertex-ai", "v1beta1/publishers/google/models/g:generateContent?key=k",
     "https://aiplatform.googleapis.com/v1beta1/publishers/google/models/g:generateContent?key=k"),
    ("groq", "chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
    ("groq", "v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
    ("groq", "openai/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
    ("huggingface", "bigcode/starcoder", "https://api-inference.huggingface.co/models/bigcode/starcoder"),
    ("huggingface", "v1/chat/completions", "https://router.huggingface.co/v1/chat/completions"),
    ("huggingface", "together/v1/chat/completions", "https://router.huggingface.co/together/v1/chat/completions"),
    ("ideogram", "v1/ideogram-v3/generate", "https://api.ideogram.ai/v1/ideogram-v3/generate"),
    ("mistral", "v1/chat/completions", "https://api.mistral.ai/v1/chat/completions"),
    ("mistral", "chat/completions", "https://api.mistral.ai/v1/chat/completions"),
    ("openrouter", "v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
    ("openrouter", "chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
    ("openrouter", "api/v1/models", "https://openrouter.ai/api/v1/models"),
    ("parallel", "v1/tasks/runs", "https://api.parallel.ai/v1/tasks/runs"),
    ("parallel", "v1beta/search", "https://api.parallel.ai/v1beta/search"),
    ("parallel", "chat/completions", "https://api.parallel.ai/chat/completions"),
    ("perplexity-ai", "chat/completions", "https://api.perplexity.ai/chat/completions"),
    ("replicate", "predictions", "https://api.replicate.com/v1/predictions"),
    ("replicate", "v1/predictions/x", "https://api.replicate.com/v1/predictions/x"),
    ("workers-ai", "@cf/meta/llama-3.1-8b-instruct",
     "https://api.cloudflare.com/client/v4/accounts/acme/ai/run/@cf/meta/llama-3.1-8b-instruct"),
    ("workers-ai", "run/@cf/meta/llama-3.1-8b-instruct",
     "https://api.cloudflare.com/client/v4/accounts/acme/ai/run/@cf/meta/llama-3.1-8b-instruct"),
    ("workers-ai", "v1/embeddings", "https://api.cloudflare.com/client/v4/accounts/acme/ai/v1/embeddings"),
    ("workers-ai", "chat/completions", "https://api.cloudflare.com/client/v4/accounts/acme/ai/v1/chat/completions"),
    ("grok", "chat/completions", "https://api.x.ai/v1/chat/completions"),
    ("grok", "v1/chat/completions", "https://api.x.ai/v1/chat/completions"),
    ("grok", "v1/messages", "https://api.x.ai/v1/messages"),
    ("fireworks", "chat/completions", "https://api.fireworks.ai/inference/v1/chat/completions"),
    ("together", "v1/chat/completions", "https://api.together.xyz/v1/chat/completions"),
    ("demo", "chat/completions", "https://demo.invalid/v1/chat/completions"),
]
# fmt: on


@pytest.mark.parametrize(("name", "path", "there"), DOCUMENTED, ids=lambda value: str(value)[:60])
def test_a_documented_path_arrives_where_the_provider_has_it(name, path, there):
    assert goes_to(name, path) == there


@pytest.mark.parametrize(
    ("base_url", "path", "there"),
    [
        ("http://mock:9/v1", "v1/chat/completions", "http://mock:9/v1/chat/completions"),
        ("http://mock:9/v1", "chat/completions", "http://mock:9/v1/chat/completions"),
        ("http://mock:9/v1/", "chat/completions", "http://mock:9/v1/chat/completions"),
        ("http://mock:9", "v1/chat/completions", "http://mock:9/v1/chat/completions"),
        ("http://mock:9", "chat/completions", "http://mock:9/chat/completions"),
        ("http://mock:9/a/b", "chat/completions", "http://mock:9/a/b/chat/completions"),
        ("http://mock:9/api/paas/v4", "v1/chat/completions", "http://mock:9/api/paas/v4/chat/completions"),
        ("http://mock:9/api/paas/v4", "v4/chat/completions", "http://mock:9/api/paas/v4/chat/completions"),
        ("http://mock:9/v1", "v2/rerank", "http://mock:9/v2/rerank"),
        ("http://mock:9/v1", "v1", "http://mock:9/v1/"),
        ("http://mock:9/v1", "", "http://mock:9/v1"),
        ("http://[::1]:9/v1", "v1/models", "http://[::1]:9/v1/models"),
        ("http://mock:9/invoke", "", "http://mock:9/invoke"),
        ("http://mock:9/v1", "v10x/y", "http://mock:9/v1/v10x/y"),
    ],
)
@pytest.mark.parametrize("name", ["openai", "custom-vllm"])
def test_one_version_arrives_at_a_configured_base_url(name, base_url, path, there):
    assert goes_to(name, path, base_url=base_url) == there


@pytest.mark.parametrize(
    ("name", "base_url", "path", "there"),
    [
        ("anthropic", "http://mock:9", "v1/messages", "http://mock:9/v1/messages"),
        ("anthropic", "http://mock:9/v1", "v1/messages", "http://mock:9/v1/messages"),
        ("anthropic", "http://mock:9/x", "messages", "http://mock:9/x/v1/messages"),
        ("cohere", "http://mock:9/v1", "v2/chat", "http://mock:9/v2/chat"),
        (
            "google-ai-studio",
            "http://mock:9",
            "v1/models/g:generateContent",
            "http://mock:9/v1/models/g:generateContent",
        ),
        (
            "azure-openai",
            "http://mock:9/eu",
            "res/gpt/chat/completions?api-version=1",
            "http://mock:9/eu/openai/deployments/gpt/chat/completions?api-version=1",
        ),
        (
            "aws-bedrock",
            "http://mock:9",
            "bedrock-runtime/us-east-1/model/m/converse",
            "http://mock:9/model/m/converse",
        ),
        (
            "google-vertex-ai",
            "http://mock:9/v1",
            "v1/projects/p/locations/r/publishers/google/models/g:predict",
            "http://mock:9/v1/projects/p/locations/r/publishers/google/models/g:predict",
        ),
        ("huggingface", "http://mock:9", "org/model", "http://mock:9/org/model"),
        ("replicate", "http://mock:9/v1", "predictions", "http://mock:9/v1/predictions"),
        ("demo", "http://mock:9/v1", "chat/completions", "http://mock:9/v1/chat/completions"),
    ],
)
def test_a_base_url_takes_the_rows_place_and_the_templated_rest_stays(name, base_url, path, there):
    assert goes_to(name, path, base_url=base_url) == there


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("azure-openai", "evil.com%2f/gpt/chat/completions"),
        ("azure-openai", "evil.com/gpt/chat/completions"),
        ("azure-openai", "a@evil/gpt/chat/completions"),
        ("azure-openai", "res"),
        ("aws-bedrock", "bedrock-runtime/us-east-1.evil.com%2f/model/m/invoke"),
        ("aws-bedrock", "bedrock-runtime/us-east-1.evil.com/model/m/invoke"),
        ("aws-bedrock", "bedrock-runtime/evil.com#/model/m/invoke"),
        ("aws-bedrock", "bedrock-runtime/" + "a" * 64 + "/model/m/invoke"),
        ("aws-bedrock", "somewhere/us-east-1/model/m/invoke"),
        ("google-vertex-ai", "v1/projects/p/locations/evil.com/publishers/google/models/g:predict"),
        ("google-vertex-ai", "v1/projects/p/locations/a:80/publishers/google/models/g:predict"),
        ("google-vertex-ai", "publishers/google/models/g:predict"),
        ("baseten", "model/evil.com%23/predict"),
        ("workers-ai", "run/../../../../user/tokens"),
        ("workers-ai", "run/%2e%2E/x"),
        ("workers-ai", "run/..%2f..%2fx"),
        ("openai", "a/../../b"),
        ("openai", "a\\..\\b"),
    ],
)
def test_a_path_that_would_choose_a_host_of_its_own_is_refused(name, path):
    with pytest.raises(Refusal) as no:
        goes_to(name, path)
    assert (no.value.status, no.value.number, no.value.code) == (400, 2008, "invalid_path")
    assert "evil" not in no.value.sentence


def test_dots_inside_a_segment_are_nobodys_parent_folder():
    assert goes_to("openai", "models/gpt..x").endswith("/v1/models/gpt..x")


@settings(max_examples=200, deadline=None)
@given(
    base=st.sampled_from(["http://h", "http://h/v1", "http://h/openai/v1", "http://h/v4", "http://h/a"]),
    default=st.sampled_from(["", "v1", "v1beta"]),
    path=st.text("v12beta/.%:-x", max_size=30).map(str.encode),
)
def test_no_path_arrives_with_a_version_twice_and_none_loses_its_rest(base, default, path):
    there = Fixed(origin(base), default).mapped(path)
    assert there.startswith(b"/")
    if not path.startswith((b"v1/v1", b"v2/v", b"v1/v2", b"v2/v2")):
        assert not there.startswith((b"/v1/v1/", b"/v1beta/v1/", b"/v1beta/v1beta/", b"/openai/v1/v1/"))
    last = path.rpartition(b"/")[2]
    if b"/" in path and last:
        assert there.endswith(b"/" + last)


@settings(max_examples=200, deadline=None)
@given(region=st.text(max_size=70))
def test_only_a_plain_label_ever_becomes_part_of_a_host(region):
    path = b"bedrock-runtime/" + region.encode("utf-8", "surrogatepass") + b"/model/m/invoke"
    try:
        there = AMAZON.target(msgspec.structs.replace(call(""), path=path), None)
    except Refusal:
        return
    assert there.host.count(".") == 3
    assert there.host.endswith(".amazonaws.com")
    assert set(there.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


AMAZON = provider("aws-bedrock")


@pytest.mark.parametrize("wrong", ["ftp://x", "https://", "x", "//h/v1"])
def test_a_base_url_needs_a_scheme_and_a_host(wrong):
    with pytest.raises(ValueError, match="base URL"):
        origin(wrong)
