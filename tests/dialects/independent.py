"""A second reading of recorded answers, as plain as can be: parse everything, look at everything."""

import base64
import json
import struct
from typing import Any

from gateway.call import Usage

DIALECTS = {
    ("anthropic", "complete"): "anthropic_complete",
    ("anthropic", "messages"): "anthropic_messages",
    ("vertex", "anthropic-messages"): "anthropic_messages",
    ("bedrock", "converse"): "bedrock_converse",
    ("bedrock", "invoke"): "bedrock_invoke",
    ("cohere", "v1-chat"): "cohere_v1_chat",
    ("cohere", "v1-generate"): "cohere_v1_generate",
    ("cohere", "v1-rerank"): "cohere_rerank",
    ("cohere", "v2-chat"): "cohere_chat",
    ("cohere", "v2-embed"): "cohere_embed",
    ("cohere", "v2-rerank"): "cohere_rerank",
    ("gemini", "embedContent"): "gemini_embed",
    ("gemini", "generateContent"): "gemini_generate",
    ("gemini", "interactions"): "gemini_interactions",
    ("vertex", "embedContent"): "gemini_embed",
    ("vertex", "generateContent"): "gemini_generate",
    ("vertex", "predict"): "gemini_predict",
    ("huggingface", "inference"): "huggingface",
    ("ollama", "native-chat"): "ollama_chat",
    ("ollama", "native-generate"): "ollama_generate",
    ("ollama", "native-embeddings"): "ollama_embed",
    ("openai", "assistants"): "openai_assistants",
    ("openai", "moderations"): "openai_moderations",
    ("openai", "responses-aux"): "openai_responses",
    ("replicate", "predictions"): "replicate",
    ("replicate", "stream"): "replicate",
    ("watsonx", "text-generation"): "watsonx",
    ("aleph-alpha", "complete"): "aleph_alpha",
}

SURFACES = {
    "chat": "openai_chat",
    "openai-chat": "openai_chat",
    "mantle-chat": "openai_chat",
    "completions": "openai_completions",
    "responses": "openai_responses",
    "mantle-responses": "openai_responses",
    "embeddings": "openai_embeddings",
    "rerank": "rerank",
    "audio-transcription": "openai_audio",
    "audio-speech": "openai_audio",
    "images": "openai_images",
}


def dialect(provider: str, surface: str) -> str:
    """The dialect of a recorded surface; empty where nothing is metered (batches, files, models, ...)."""
    return DIALECTS.get((provider, surface)) or SURFACES.get(surface, "")


def documents(body: bytes) -> list[Any]:
    """Every JSON document in a body, in order, however it is framed."""
    if body[4:8] != b"" and body[:1] == b"\0":
        return [document for payload in frames(body) for document in framed(payload)]
    text = body.decode()
    try:
        whole = json.loads(text)
        return whole if isinstance(whole, list) else [whole]
    except ValueError:
        pass
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line.removeprefix("data:")))
        except ValueError:
            continue
    return found


def frames(body: bytes) -> list[bytes]:
    found = []
    while body:
        size, head = struct.unpack(">II", body[:8])
        found.append(body[12 + head : size - 4])
        body = body[size:]
    return found


def framed(payload: bytes) -> list[Any]:
    document = json.loads(payload)
    if set(document) <= {"bytes", "p"}:
        return [json.loads(base64.b64decode(document["bytes"]))]
    return [document]


def overlay(old: dict[str, Any], new: dict[str, Any] | None) -> dict[str, Any]:
    """Later values win, nulls do not."""
    for key, value in (new or {}).items():
        if isinstance(value, dict):
            old[key] = overlay(dict(old.get(key) or {}), value)
        elif value is not None:
            old[key] = value
    return old


def everything(documents: list[Any], *paths: str) -> dict[str, Any]:
    """All usage objects at these paths, one laid over the other in the order of the stream."""
    found: dict[str, Any] = {}
    for document in documents:
        for path in paths:
            at = document
            for step in path.split("."):
                at = at.get(step) if isinstance(at, dict) else None
            if isinstance(at, dict):
                overlay(found, at)
    return found


def some(*numbers: int | None) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def made(read: int | None, written: int | None, **classes: int | None) -> Usage | None:
    if read is None and written is None:
        return None
    return Usage(input_tokens=read, output_tokens=written, total_tokens=(read or 0) + (written or 0), **classes)


def openai(found: dict[str, Any]) -> Usage | None:
    def part(*names: str) -> dict[str, Any]:
        return next((found[name] for name in names if found.get(name)), {})

    before = part("prompt_tokens_details", "input_tokens_details", "prompt_token_details", "input_token_details")
    after = part("completion_tokens_details", "output_tokens_details", "completion_token_details")
    read = found.get("prompt_tokens", found.get("input_tokens"))
    written = found.get("completion_tokens", found.get("output_tokens"))
    thought = after.get("reasoning_tokens")
    gap = found["total_tokens"] - read - written if found.get("total_tokens") and written is not None else 0
    if thought and (thought > written or gap == thought):
        written += thought
    elif gap and before.get("audio_tokens"):
        read += before["audio_tokens"]
    elif gap:
        written += gap
    cached = before.get("cached_tokens")
    for name in ("prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens"):
        cached = found.get(name) if cached is None else cached
    writes = before.get("cache_write_tokens")
    return made(
        read,
        written,
        input_cached_tokens=cached,
        input_cache_write_tokens=found.get("cache_creation_input_tokens") if writes is None else writes,
        output_reasoning_tokens=thought,
        input_audio_tokens=before.get("audio_tokens"),
        output_audio_tokens=after.get("audio_tokens"),
    )


def anthropic(found: dict[str, Any]) -> Usage | None:
    reads, writes = found.get("cache_read_input_tokens"), found.get("cache_creation_input_tokens")
    return made(
        some(found.get("input_tokens"), reads, writes),
        found.get("output_tokens"),
        input_cached_tokens=reads,
        input_cache_write_tokens=writes,
        input_cache_write_1h_tokens=found.get("cache_creation", {}).get("ephemeral_1h_input_tokens"),
        output_reasoning_tokens=found.get("output_tokens_details", {}).get("thinking_tokens"),
    )


def modality(found: list[dict[str, Any]] | None) -> int | None:
    return some(*[one["tokenCount"] for one in found or [] if one["modality"] == "AUDIO"])


def gemini(found: dict[str, Any]) -> Usage | None:
    thought = found.get("thoughtsTokenCount")
    return made(
        some(found.get("promptTokenCount"), found.get("toolUsePromptTokenCount")),
        some(found.get("candidatesTokenCount"), thought),
        input_cached_tokens=found.get("cachedContentTokenCount"),
        output_reasoning_tokens=thought,
        input_audio_tokens=modality(found.get("promptTokensDetails")),
        output_audio_tokens=modality(found.get("candidatesTokensDetails")),
    )


def interactions(found: dict[str, Any]) -> Usage | None:
    return made(
        some(found.get("total_input_tokens"), found.get("total_tool_use_tokens")),
        some(found.get("total_output_tokens"), found.get("total_thought_tokens")),
        input_cached_tokens=found.get("total_cached_tokens"),
        output_reasoning_tokens=found.get("total_thought_tokens"),
    )


def cohere(found: dict[str, Any]) -> Usage | None:
    units = found.get("tokens") or found.get("billed_units") or {}
    return made(
        some(units.get("input_tokens"), units.get("image_tokens")),
        units.get("output_tokens"),
        input_cached_tokens=found.get("cached_tokens"),
        output_reasoning_tokens=units.get("reasoning_tokens"),
    )


def converse(found: dict[str, Any]) -> Usage | None:
    reads = found.get("cacheReadInputTokens", found.get("cacheReadInputTokenCount"))
    writes = found.get("cacheWriteInputTokens", found.get("cacheWriteInputTokenCount"))
    return made(
        some(found.get("inputTokens"), reads, writes),
        found.get("outputTokens"),
        input_cached_tokens=reads,
        input_cache_write_tokens=writes,
        input_cache_write_1h_tokens=some(
            *[one["inputTokens"] for one in found.get("cacheDetails", []) if one["ttl"] == "1h"]
        ),
    )


def invoke(documents: list[Any]) -> Usage | None:
    found = everything(documents, "message.usage", "usage", "metadata.usage")
    if "input_tokens" in found:
        return anthropic(found)
    if "inputTokens" in found:
        return converse(found)
    if "prompt_tokens" in found:
        return openai(found)
    plain = everything(documents, "amazon-bedrock-invocationMetrics")
    for document in documents:
        plain.setdefault("inputTokenCount", document.get("inputTextTokenCount", document.get("prompt_token_count")))
        for result in document.get("results", []):
            plain["outputTokenCount"] = int(result["tokenCount"])
        if "generation_token_count" in document:
            plain["outputTokenCount"] = document["generation_token_count"]
    if "totalOutputTextTokenCount" in documents[-1] and "outputTokenCount" not in plain:
        plain["outputTokenCount"] = int(documents[-1]["totalOutputTextTokenCount"])
    read = plain.get("inputTokenCount")
    return made(None if read is None else int(read), plain.get("outputTokenCount"))


def predict(documents: list[Any]) -> Usage | None:
    each = [one["embeddings"]["statistics"]["token_count"] for one in documents[0].get("predictions", [])]
    return made(some(*each), None)


def vectors(found: dict[str, Any]) -> Usage | None:
    return made(found.get("prompt_tokens", found.get("total_tokens")), found.get("completion_tokens") or None)


def small(name: str, documents: list[Any]) -> Usage | None:
    """The dialects with two plain numbers."""
    last = documents[-1]
    if name == "huggingface":
        return made(None, last["details"]["generated_tokens"])
    if name == "aleph_alpha":
        return made(last["num_tokens_prompt_total"], last["num_tokens_generated"])
    if name == "watsonx":
        return made(documents[0]["results"][0]["input_token_count"], last["results"][0]["generated_token_count"])
    return made(last.get("prompt_eval_count"), last.get("eval_count"))


READINGS = {
    "anthropic": (anthropic, ("message.usage", "usage")),
    "gemini_generate": (gemini, ("usageMetadata",)),
    "gemini_embed": (gemini, ("usageMetadata",)),
    "gemini_interactions": (interactions, ("metadata.usage", "interaction.usage", "usage")),
    "cohere": (cohere, ("meta", "usage", "delta.usage", "response.meta")),
    "bedrock_converse": (converse, ("usage",)),
    "openai_embeddings": (vectors, ("usage",)),
    "rerank": (vectors, ("usage",)),
    "openai": (openai, ("x_groq.usage", "response.usage", "usage")),
}


def usage(name: str, body: bytes) -> Usage | None:
    """What an answer in dialect `name` counts."""
    found = documents(body)
    if name == "gemini_predict":
        return predict(found)
    if name == "bedrock_invoke":
        return invoke(found)
    if name == "replicate":
        return None
    for start, (reading, paths) in READINGS.items():
        if name.startswith(start):
            return reading(everything(found, *paths))
    return small(name, found)
