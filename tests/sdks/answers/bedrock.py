"""Bedrock's runtime on loopback: Converse and InvokeModel, whole and as AWS event streams."""

import base64
import json
from urllib.parse import unquote

from gateway.wire.aws_event_stream import encode
from tests.sdks.answers import anthropic
from tests.sdks.answers.wire import packed, whole
from tests.world import Asked, Says

FRAMES = {"content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "req-1"}
USAGE = {"inputTokens": 30, "outputTokens": 11, "totalTokens": 41, "cacheReadInputTokens": 0}


def says(asked: Asked) -> Says:
    _, _, model, action = unquote(asked.target).split("/", 3)
    if "limited" in model:
        return whole({"message": "Too many requests."}, 429, x_amzn_errortype="ThrottlingException")
    if action == "converse":
        content = [{"text": "Hello there."}]
        said = {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn"}
        return whole(said | {"usage": USAGE, "metrics": {"latencyMs": 12}}, x_amzn_requestid="req-1")
    if action == "invoke":
        counts = {"x_amzn_bedrock_input_token_count": "56", "x_amzn_bedrock_output_token_count": "17"}
        return whole(anthropic.message("claude"), x_amzn_requestid="req-1", **counts)
    frames = converse_frames(model) if action == "converse-stream" else invoke_frames()
    if "cut" in model:
        return Says(headers=FRAMES, chunks=frames[:2], framing="chunked", cut=True, pause=0.005)
    return Says(headers=FRAMES, chunks=frames, framing="chunked")


def frame(event, value) -> bytes:
    return encode({":event-type": event, ":content-type": "application/json", ":message-type": "event"}, packed(value))


def converse_frames(model) -> list[bytes]:
    if "faulty" in model:
        headers = {":exception-type": "modelStreamErrorException", ":content-type": "application/json"}
        fault = encode(headers | {":message-type": "exception"}, packed({"message": "It broke."}))
        return [frame("messageStart", {"role": "assistant"}), fault]
    texts = [{"contentBlockIndex": 0, "delta": {"text": text}} for text in ("Hello", " there.")]
    return [
        frame("messageStart", {"role": "assistant"}),
        *(frame("contentBlockDelta", text) for text in texts),
        frame("contentBlockStop", {"contentBlockIndex": 0}),
        frame("messageStop", {"stopReason": "end_turn"}),
        frame("metadata", {"usage": USAGE, "metrics": {"latencyMs": 12}}),
    ]


def invoke_frames() -> list[bytes]:
    """The model's own events, each as base64 in a frame; Bedrock adds its metrics to the last one."""
    events = anthropic.events("claude")
    counts = {"inputTokenCount": 40, "outputTokenCount": 17, "invocationLatency": 12, "firstByteLatency": 5}
    events[-1]["amazon-bedrock-invocationMetrics"] = counts | {"cacheReadInputTokenCount": 10}
    return [frame("chunk", {"bytes": base64.b64encode(json.dumps(event).encode()).decode()}) for event in events]
