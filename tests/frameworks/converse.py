"""What a scripted model says on Bedrock Converse."""

import json
import struct
from collections.abc import Iterator
from zlib import crc32

from tests.frameworks.said import Json, Said, pieces, whole
from tests.world import Says


def framed(name: str, body: Json) -> bytes:
    """One message of AWS' binary event stream."""
    headers = b""
    for key, value in ((":event-type", name), (":content-type", "application/json"), (":message-type", "event")):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    payload = json.dumps(body).encode()
    lengths = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    text = lengths + struct.pack(">I", crc32(lengths)) + headers + payload
    return text + struct.pack(">I", crc32(text))


class Converse:
    """Bedrock Converse, its streams in binary frames."""

    USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}

    def whole(self, said: Said, asked: Json) -> Says:
        blocks: list[Json] = []
        if said.thought:
            blocks.append({"reasoningContent": {"reasoningText": {"text": said.thought, "signature": said.proof}}})
        blocks += [{"text": said.text}] if said.text else []
        blocks += [{"toolUse": {"toolUseId": id, "name": name, "input": given}} for id, name, given in said.calls]
        message = {"message": {"role": "assistant", "content": blocks}}
        return whole(
            {"output": message, "stopReason": self.reason(said), "usage": self.USAGE, "metrics": {"latencyMs": 1}}
        )

    def stream(self, said: Said, asked: Json) -> Says:
        frames = [framed("messageStart", {"role": "assistant"})]
        for at, (start, deltas) in enumerate(self.deltas(said)):
            if start:
                frames.append(framed("contentBlockStart", {"contentBlockIndex": at, "start": start}))
            frames += [framed("contentBlockDelta", {"contentBlockIndex": at, "delta": delta}) for delta in deltas]
            frames.append(framed("contentBlockStop", {"contentBlockIndex": at}))
        frames.append(framed("messageStop", {"stopReason": self.reason(said)}))
        frames.append(framed("metadata", {"usage": self.USAGE, "metrics": {"latencyMs": 1}}))
        return Says(headers={"content-type": "application/vnd.amazon.eventstream"}, chunks=frames, framing="chunked")

    @staticmethod
    def deltas(said: Said) -> Iterator[tuple[Json, list[Json]]]:
        if said.thought:
            added = [{"reasoningContent": {"text": piece}} for piece in pieces(said.thought)]
            yield {}, [*added, {"reasoningContent": {"signature": said.proof}}]
        if said.text:
            yield {}, [{"text": piece} for piece in pieces(said.text)]
        for id, name, given in said.calls:
            parts = [{"toolUse": {"input": piece}} for piece in pieces(json.dumps(given))]
            yield {"toolUse": {"toolUseId": id, "name": name}}, parts

    @staticmethod
    def reason(said: Said) -> str:
        return "tool_use" if said.calls else "end_turn"
