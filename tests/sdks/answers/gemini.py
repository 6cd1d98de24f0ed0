"""The Gemini API on loopback: generateContent, streamGenerateContent?alt=sse and batchEmbedContents."""

import json

from tests.sdks.answers.wire import data, stream, whole
from tests.world import Asked, Says

USAGE = {
    "promptTokenCount": 12,
    "candidatesTokenCount": 7,
    "thoughtsTokenCount": 4,
    "totalTokenCount": 23,
    "cachedContentTokenCount": 2,
}


def says(asked: Asked) -> Says:
    target = asked.target
    if "limited" in target:
        error = {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED", "details": []}
        return whole({"error": error}, 429)
    if ":streamGenerateContent" in target:
        chunks = [
            part("Hello", None, None),
            part(" there.", "STOP", USAGE),
        ]
        return stream([data(chunk, b"\r\n\r\n") for chunk in chunks], target, 1)
    if ":generateContent" in target:
        return whole(called() if json.loads(asked.body).get("tools") else part("Hello there.", "STOP", USAGE))
    return whole({"embeddings": [{"values": [0.5, -1.0]}], "usageMetadata": {"promptTokenCount": 3}})


def part(text, reason, usage) -> dict:
    return candidate([{"text": text}], reason, usage)


def called() -> dict:
    return candidate([{"functionCall": {"name": "weather", "args": {"city": "Lisbon"}}}], "STOP", USAGE)


def candidate(parts, reason, usage) -> dict:
    one = {"content": {"role": "model", "parts": parts}, "index": 0} | ({"finishReason": reason} if reason else {})
    said = {"candidates": [one], "modelVersion": "gemini-2.5-flash", "responseId": "r-1"}
    return said | ({"usageMetadata": usage} if usage else {})
