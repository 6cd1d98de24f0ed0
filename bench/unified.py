"""`BENCH_TABLE=unified make bench`: whole answers through the unified endpoints, each client dialect at each provider's.

All rows are paths of one gateway process before an upstream that answers at once, in the provider's dialect. What a row
adds is told beside a native call to the same provider, whose bytes pass as they are.
"""

import json
import sys
from pathlib import Path
from typing import Any

from bench.load import HEADERS, MESSAGES
from bench.rows import Row, lines, measured
from bench.targets import ANSWER, Target, free_port, nginx, running

SYSTEM, USER = (one["content"] for one in MESSAGES)
TEXT = json.loads(ANSWER)["choices"][0]["message"]["content"]
BEDROCK = '{"accessKeyId": "AKIDBENCH", "secretAccessKey": "bench-secret", "region": "us-east-1"}'
YAML = """
providers:
%(providers)s
prices: {"openai/*": {input: 0.15, output: 0.60}}
accounts:
  bench:
    gateways:
      bench:
        authentication: {tokens: [{name: bench, token: bench-token-0123456789}]}
        keys: {aws-bedrock: '%(bedrock)s', anthropic: sk-1, google-ai-studio: sk-2, cohere: sk-3, openai: sk-4}
        client_keys: ignore
"""
PROVIDERS = {
    "openai_chat": "openai",
    "anthropic_messages": "anthropic",
    "gemini_generate": "google-ai-studio",
    "bedrock_converse": "aws-bedrock",
    "cohere_chat": "cohere",
}
BASES = {"openai": "/v1", "anthropic": "", "google-ai-studio": "", "aws-bedrock": "", "cohere": ""}
NATIVE = {
    "openai_chat": "openai/chat/completions",
    "anthropic_messages": "anthropic/v1/messages",
    "gemini_generate": "google-ai-studio/v1beta/models/mock:generateContent",
    "bedrock_converse": "aws-bedrock/model/mock/converse",
    "cohere_chat": "cohere/v2/chat",
}
CLIENTS = {
    "openai_chat": "compat/chat/completions",
    "openai_responses": "compat/responses",
    "anthropic_messages": "compat/v1/messages",
    "gemini_generate": "compat/v1beta/models/{model}:generateContent",
}
TURN = [{"role": "user", "content": USER}]
GEMINI = {
    "systemInstruction": {"parts": [{"text": SYSTEM}]},
    "contents": [{"role": "user", "parts": [{"text": USER}]}],
    "generationConfig": {"temperature": 0.2, "maxOutputTokens": 200},
}
CONVERSE = {
    "system": [{"text": SYSTEM}],
    "messages": [{"role": "user", "content": [{"text": USER}]}],
    "inferenceConfig": {"maxTokens": 200, "temperature": 0.2},
}
ASKS: dict[str, dict[str, Any]] = {
    "openai_chat": {"model": "@", "messages": MESSAGES, "temperature": 0.2, "max_tokens": 200},
    "openai_responses": {
        "model": "@", "instructions": SYSTEM, "input": USER, "temperature": 0.2, "max_output_tokens": 200, "store": False
    },
    "anthropic_messages": {"model": "@", "system": SYSTEM, "messages": TURN, "temperature": 0.2, "max_tokens": 200},
    "gemini_generate": GEMINI,
    "bedrock_converse": CONVERSE,
    "cohere_chat": {"model": "@", "messages": MESSAGES, "temperature": 0.2, "max_tokens": 200},
}  # fmt: skip
ANSWERS = {
    "/v1/chat/completions": json.loads(ANSWER),
    "/v1/responses": {
        "id": "resp_1", "object": "response", "created_at": 1700000000, "status": "completed", "model": "mock",
        "output": [
            {
                "type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
                "content": [{"type": "output_text", "text": TEXT, "annotations": []}],
            }
        ],
        "usage": {"input_tokens": 116, "output_tokens": 63, "total_tokens": 179},
    },
    "/v1/messages": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "mock", "stop_reason": "end_turn",
        "stop_sequence": None, "content": [{"type": "text", "text": TEXT}],
        "usage": {"input_tokens": 116, "output_tokens": 63},
    },
    "/v1beta/": {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": {"promptTokenCount": 116, "candidatesTokenCount": 63, "totalTokenCount": 179},
        "modelVersion": "mock", "responseId": "r1",
    },
    "/model/": {
        "output": {"message": {"role": "assistant", "content": [{"text": TEXT}]}}, "stopReason": "end_turn",
        "usage": {"inputTokens": 116, "outputTokens": 63, "totalTokens": 179}, "metrics": {"latencyMs": 1},
    },
    "/v2/chat": {
        "id": "c1", "finish_reason": "COMPLETE",
        "message": {"role": "assistant", "content": [{"type": "text", "text": TEXT}]},
        "usage": {"tokens": {"input_tokens": 116, "output_tokens": 63}},
    },
}  # fmt: skip


def asking(dialect: str, model: str) -> str:
    """A request's body, its model named where the dialect has it in the body."""
    body = ASKS[dialect]
    return json.dumps(body | {"model": model} if "model" in body else body, separators=(",", ":"))


def rows() -> list[Row]:
    """For each provider its native call, and the same from each client's dialect."""
    found = []
    for spoken, provider in PROVIDERS.items():
        native = f"{spoken}, native"
        found.append(
            Row(native, f"/v1/bench/bench/{NATIVE[spoken]}", asking(spoken, "mock"), headers="unified-headers")
        )
        for client, path in CLIENTS.items():
            model = f"{provider}/mock"
            url = f"/v1/bench/bench/{path.format(model=model.replace('/', '%2F'))}"
            found.append(Row(f"{client} to {spoken}", url, asking(client, model), native, "unified-headers"))
    return found


def table(folder: Path, rounds: int, seconds: float) -> list[str]:
    """Measure, and say it as Markdown."""
    port, place = free_port(), folder / "unified.yaml"
    locations = " ".join(f"location {at} {{ return 200 '{json.dumps(said)}'; }}" for at, said in ANSWERS.items())
    upstream = Target(
        "upstream-unified", nginx(folder, "unified", locations, {"JSON": 1, "SSE": 1, "PORT": port}), port, cpu=0
    )
    providers = "\n".join(f"  {name}: {{base_url: 'http://127.0.0.1:{port}{base}'}}" for name, base in BASES.items())
    place.write_text(YAML % {"providers": providers, "bedrock": BEDROCK})
    (folder / "unified-headers").write_text(HEADERS)
    listening = free_port()
    serve = [sys.executable, "-m", "gateway", "serve", "--config", str(place), "--port", str(listening)]
    with running(upstream, folder):
        found = rows()
        return lines(found, measured(found, Target("unified", serve, listening), folder, rounds, seconds))
