"""What providers' own documentation says of where to go, and how to ask a provider for that."""

import json

from gateway.providers.provider import compiled
from gateway.providers.speech import speech
from gateway.settings.units import Secret
from tests.providers.calls import call

VERTEX = json.dumps({"project_id": "p", "region": "us-east5"})
AWS = json.dumps({"accessKeyId": "a", "secretAccessKey": "b", "region": "eu-west-3"})
KEYS = {"google-vertex-ai": VERTEX, "aws-bedrock": AWS}
ON_VERTEX = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
ON_BEDROCK = "https://bedrock-runtime.eu-west-3.amazonaws.com/model"
ON_STUDIO = "https://generativelanguage.googleapis.com/v1beta"

CHATS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate")
VECTORS = "openai_embeddings"

# fmt: off
# Provider, model, the client's dialect, whether it streams: what is spoken, and where.
DOCUMENTED = [
    ("openai", "gpt-5", "openai_chat", True, "openai_chat", "https://api.openai.com/v1/chat/completions"),
    ("openai", "gpt-5", "openai_responses", True, "openai_responses", "https://api.openai.com/v1/responses"),
    ("openai", "gpt-5", "anthropic_messages", False, "openai_chat", "https://api.openai.com/v1/chat/completions"),
    ("openai", "text-embedding-3-small", VECTORS, False, VECTORS, "https://api.openai.com/v1/embeddings"),
    ("anthropic", "claude-opus-4-5", "openai_chat", True, "anthropic_messages", "https://api.anthropic.com/v1/messages"),
    ("anthropic", "claude-opus-4-5", "anthropic_messages", False, "anthropic_messages",
     "https://api.anthropic.com/v1/messages"),
    ("azure-openai", "my-res/my-gpt", "openai_chat", False, "openai_chat",
     "https://my-res.openai.azure.com/openai/v1/chat/completions"),
    ("azure-openai", "my-res/my-gpt", "openai_responses", True, "openai_responses",
     "https://my-res.openai.azure.com/openai/v1/responses"),
    ("azure-openai", "my-res/vectors", VECTORS, False, VECTORS, "https://my-res.openai.azure.com/openai/v1/embeddings"),
    ("aws-bedrock", "us.amazon.nova-lite-v1:0", "openai_chat", False, "bedrock_converse",
     f"{ON_BEDROCK}/us.amazon.nova-lite-v1%3A0/converse"),
    ("aws-bedrock", "us.amazon.nova-lite-v1:0", "anthropic_messages", True, "bedrock_converse",
     f"{ON_BEDROCK}/us.amazon.nova-lite-v1%3A0/converse-stream"),
    ("aws-bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "openai_chat", True, "bedrock_converse",
     f"{ON_BEDROCK}/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream"),
    ("aws-bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic_messages", False, "anthropic_messages",
     f"{ON_BEDROCK}/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke"),
    ("aws-bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic_messages", True, "anthropic_messages",
     f"{ON_BEDROCK}/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke-with-response-stream"),
    ("aws-bedrock", "arn:aws:bedrock:eu-west-3:1:inference-profile/x", "openai_chat", False, "bedrock_converse",
     f"{ON_BEDROCK}/arn%3Aaws%3Abedrock%3Aeu-west-3%3A1%3Ainference-profile%2Fx/converse"),
    ("aws-bedrock", "amazon.titan-embed-text-v2:0", VECTORS, False, "bedrock_invoke",
     f"{ON_BEDROCK}/amazon.titan-embed-text-v2%3A0/invoke"),
    ("aws-bedrock", "amazon.nova-2-multimodal-embeddings-v1:0", VECTORS, False, "bedrock_invoke",
     f"{ON_BEDROCK}/amazon.nova-2-multimodal-embeddings-v1%3A0/invoke"),
    ("aws-bedrock", "cohere.embed-v4:0", VECTORS, False, "bedrock_invoke", f"{ON_BEDROCK}/cohere.embed-v4%3A0/invoke"),
    ("baseten", "deepseek-ai/DeepSeek-V4-Pro", "openai_chat", False, "openai_chat",
     "https://inference.baseten.co/v1/chat/completions"),
    ("cerebras", "gpt-oss-120b", "openai_chat", False, "openai_chat", "https://api.cerebras.ai/v1/chat/completions"),
    ("cohere", "command-a-03-2025", "openai_chat", True, "cohere_chat", "https://api.cohere.com/v2/chat"),
    ("cohere", "embed-v4.0", VECTORS, False, "cohere_embed", "https://api.cohere.com/v2/embed"),
    ("deepseek", "deepseek-flash", "openai_chat", False, "openai_chat", "https://api.deepseek.com/chat/completions"),
    ("deepseek", "deepseek-flash", "openai_responses", False, "openai_responses", "https://api.deepseek.com/responses"),
    ("deepseek", "deepseek-flash", "anthropic_messages", True, "anthropic_messages",
     "https://api.deepseek.com/anthropic/v1/messages"),
    ("google-ai-studio", "gemini-2.5-flash", "openai_chat", False, "gemini_generate",
     f"{ON_STUDIO}/models/gemini-2.5-flash:generateContent"),
    ("google-ai-studio", "models/gemini-2.5-flash", "gemini_generate", True, "gemini_generate",
     f"{ON_STUDIO}/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
    ("google-ai-studio", "tunedModels/mine", "openai_chat", False, "gemini_generate",
     f"{ON_STUDIO}/tunedModels/mine:generateContent"),
    ("google-ai-studio", "gemini-embedding-001", VECTORS, False, "gemini_embed",
     f"{ON_STUDIO}/models/gemini-embedding-001:batchEmbedContents"),
    ("google-vertex-ai", "google/gemini-2.5-pro", "openai_chat", False, "gemini_generate",
     f"{ON_VERTEX}/publishers/google/models/gemini-2.5-pro:generateContent"),
    ("google-vertex-ai", "gemini-2.5-pro", "anthropic_messages", True, "gemini_generate",
     f"{ON_VERTEX}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse"),
    ("google-vertex-ai", "anthropic/claude-sonnet-4-5@20250929", "openai_chat", False, "anthropic_messages",
     f"{ON_VERTEX}/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict"),
    ("google-vertex-ai", "claude-sonnet-4-5@20250929", "gemini_generate", True, "anthropic_messages",
     f"{ON_VERTEX}/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict"),
    ("google-vertex-ai", "meta/llama-4-maverick-17b-128e-instruct-maas", "openai_chat", True, "openai_chat",
     f"{ON_VERTEX}/endpoints/openapi/chat/completions"),
    ("google-vertex-ai", "google/text-embedding-005", VECTORS, False, "gemini_predict",
     f"{ON_VERTEX}/publishers/google/models/text-embedding-005:predict"),
    ("google-vertex-ai", "gemini-embedding-2", VECTORS, False, "gemini_predict",
     f"{ON_VERTEX}/publishers/google/models/gemini-embedding-2:embedContent"),
    ("google-vertex-ai", "intfloat/multilingual-e5-large-instruct-maas", VECTORS, False, "gemini_predict",
     f"{ON_VERTEX}/publishers/intfloat/models/multilingual-e5-large-instruct-maas:embedContent"),
    ("groq", "openai/gpt-oss-20b", "openai_chat", False, "openai_chat", "https://api.groq.com/openai/v1/chat/completions"),
    ("groq", "openai/gpt-oss-20b", "openai_responses", True, "openai_responses", "https://api.groq.com/openai/v1/responses"),
    ("huggingface", "Qwen/Qwen3-4B:together", "anthropic_messages", True, "openai_chat",
     "https://router.huggingface.co/v1/chat/completions"),
    ("mistral", "mistral-large-latest", "openai_chat", False, "openai_chat", "https://api.mistral.ai/v1/chat/completions"),
    ("mistral", "mistral-embed", VECTORS, False, VECTORS, "https://api.mistral.ai/v1/embeddings"),
    ("openrouter", "anthropic/claude-sonnet-4.5", "openai_chat", True, "openai_chat",
     "https://openrouter.ai/api/v1/chat/completions"),
    ("openrouter", "anthropic/claude-sonnet-4.5", "anthropic_messages", True, "anthropic_messages",
     "https://openrouter.ai/api/v1/messages"),
    ("openrouter", "openai/gpt-5", "openai_responses", True, "openai_responses", "https://openrouter.ai/api/v1/responses"),
    ("openrouter", "openai/text-embedding-3-small", VECTORS, False, VECTORS, "https://openrouter.ai/api/v1/embeddings"),
    ("parallel", "speed", "openai_chat", True, "openai_chat", "https://api.parallel.ai/chat/completions"),
    ("perplexity-ai", "sonar", "openai_chat", True, "openai_chat", "https://api.perplexity.ai/chat/completions"),
    ("perplexity-ai", "pplx-embed-v1", VECTORS, False, VECTORS, "https://api.perplexity.ai/v1/embeddings"),
    ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", "openai_responses", False, "openai_chat",
     "https://api.cloudflare.com/client/v4/accounts/acme/ai/v1/chat/completions"),
    ("workers-ai", "@cf/openai/gpt-oss-120b", "openai_responses", False, "openai_responses",
     "https://api.cloudflare.com/client/v4/accounts/acme/ai/v1/responses"),
    ("workers-ai", "@cf/baai/bge-m3", VECTORS, False, VECTORS,
     "https://api.cloudflare.com/client/v4/accounts/acme/ai/v1/embeddings"),
    ("grok", "grok-4.3", "openai_chat", True, "openai_chat", "https://api.x.ai/v1/chat/completions"),
    ("grok", "grok-4.3", "openai_responses", True, "openai_responses", "https://api.x.ai/v1/responses"),
    ("grok", "grok-4.3", "anthropic_messages", True, "openai_chat", "https://api.x.ai/v1/chat/completions"),
    ("fireworks", "accounts/fireworks/models/kimi-k2p5", "openai_chat", True, "openai_chat",
     "https://api.fireworks.ai/inference/v1/chat/completions"),
    ("fireworks", "accounts/fireworks/models/kimi-k2p5", "anthropic_messages", True, "anthropic_messages",
     "https://api.fireworks.ai/inference/v1/messages"),
    ("fireworks", "nomic-ai/nomic-embed-text-v1.5", VECTORS, False, VECTORS,
     "https://api.fireworks.ai/inference/v1/embeddings"),
    ("together", "zai-org/GLM-5", "openai_chat", True, "openai_chat", "https://api.together.xyz/v1/chat/completions"),
    ("together", "BAAI/bge-base-en-v1.5", VECTORS, False, VECTORS, "https://api.together.xyz/v1/embeddings"),
    ("alibaba", "qwen3-max", "openai_chat", True, "openai_chat",
     "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"),
    ("alibaba", "text-embedding-v4", VECTORS, False, VECTORS,
     "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/embeddings"),
    ("minimax", "MiniMax-M3", "gemini_generate", True, "openai_chat", "https://api.minimax.io/v1/chat/completions"),
    ("demo", "demo", "anthropic_messages", True, "openai_chat", "https://demo.invalid/v1/chat/completions"),
    ("demo", "demo", VECTORS, False, VECTORS, "https://demo.invalid/v1/embeddings"),
]
# fmt: on

PROVIDERS = compiled({})


def there(slug, model, client):
    return speech(PROVIDERS[slug], model, client)


def goes_to(slug, spoken, model, *, stream=False):
    path, query = spoken.place(model, stream)
    key = Secret(KEYS[slug]) if slug in KEYS else None
    return PROVIDERS[slug].target(call(path.decode(), query.decode()), key)
