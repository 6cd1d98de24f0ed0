"""What a scripted model says, in each provider's dialect: whole, and as the events that real ones send."""

import base64
import json
from collections.abc import Iterator

from tests.frameworks.converse import Converse
from tests.frameworks.said import Json, Said, pieces, sse, whole
from tests.world import Says


class Chat:
    """Chat completions as Cerebras and its like answer, thoughts in `reasoning`."""

    USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}

    def whole(self, said: Said, asked: Json) -> Says:
        message: Json = {"role": "assistant", "content": said.text or None}
        if said.thought:
            message["reasoning"] = said.thought
        if said.calls:
            message["tool_calls"] = [self.call(*call) for call in said.calls]
        choice = {"index": 0, "message": message, "finish_reason": self.reason(said)}
        return whole({**self.frame("chat.completion", asked), "choices": [choice], "usage": self.USAGE})

    def stream(self, said: Said, asked: Json) -> Says:
        deltas: list[Json] = [{"role": "assistant"}]
        deltas += [{"reasoning": piece} for piece in pieces(said.thought)]
        deltas += [{"content": piece} for piece in pieces(said.text)]
        for at, (id, name, arguments) in enumerate(said.calls):
            deltas.append({"tool_calls": [{"index": at, **self.call(id, name, None)}]})
            parts = pieces(json.dumps(arguments))
            deltas += [{"tool_calls": [{"index": at, "function": {"arguments": part}}]} for part in parts]
        frame = self.frame("chat.completion.chunk", asked)
        events = [{**frame, "choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in deltas]
        events.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": self.reason(said)}]})
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append({**frame, "choices": [], "usage": self.USAGE})
        return sse(events, done=True)

    @staticmethod
    def frame(kind: str, asked: Json) -> Json:
        return {"id": "chatcmpl-1", "object": kind, "created": 1760000000, "model": asked["model"]}

    @staticmethod
    def call(id: str, name: str, arguments: Json | None) -> Json:
        text = "" if arguments is None else json.dumps(arguments)
        return {"id": id, "type": "function", "function": {"name": name, "arguments": text}}

    @staticmethod
    def reason(said: Said) -> str:
        return "tool_calls" if said.calls else "stop"


class Responses:
    """OpenAI's Responses."""

    USAGE = {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 18,
    }

    def items(self, said: Said) -> list[Json]:
        found: list[Json] = []
        if said.thought:
            summary = [{"type": "summary_text", "text": said.thought}]
            found.append({"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": said.proof})
        if said.text:
            content = [{"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}]
            found.append(
                {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
            )
        for at, (id, name, arguments) in enumerate(said.calls):
            call = {"type": "function_call", "id": f"fc_{at}", "call_id": id, "name": name, "status": "completed"}
            found.append({**call, "arguments": json.dumps(arguments)})
        return found

    def frame(self, asked: Json, output: list[Json], status: str) -> Json:
        frame: Json = {"id": "resp_1", "object": "response", "created_at": 1760000000, "model": asked["model"]}
        frame |= {"status": status, "output": output, "error": None, "incomplete_details": None}
        frame |= {"instructions": None, "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0}
        frame |= {"tool_choice": "auto", "tools": [], "top_p": 1.0, "text": asked.get("text")}
        return {**frame, "usage": self.USAGE if status == "completed" else None}

    def whole(self, said: Said, asked: Json) -> Says:
        return whole(self.frame(asked, self.items(said), "completed"))

    def stream(self, said: Said, asked: Json) -> Says:
        items = self.items(said)
        events = [
            {"type": f"response.{name}", "response": self.frame(asked, [], "in_progress")}
            for name in ("created", "in_progress")
        ]
        for at, item in enumerate(items):
            events += [{**event, "output_index": at} for event in getattr(self, item["type"])(item)]
        events.append({"type": "response.completed", "response": self.frame(asked, items, "completed")})
        return sse([{**event, "sequence_number": at} for at, event in enumerate(events)], named=True)

    def reasoning(self, item: Json) -> Iterator[Json]:
        yield {"type": "response.output_item.added", "item": {**item, "summary": [], "encrypted_content": ""}}
        part, at = item["summary"][0], {"item_id": item["id"], "summary_index": 0}
        yield {"type": "response.reasoning_summary_part.added", **at, "part": {**part, "text": ""}}
        for piece in pieces(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **at, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **at, "part": part}
        yield {"type": "response.output_item.done", "item": item}

    def message(self, item: Json) -> Iterator[Json]:
        yield {"type": "response.output_item.added", "item": {**item, "content": [], "status": "in_progress"}}
        part, at = item["content"][0], {"item_id": item["id"], "content_index": 0}
        yield {"type": "response.content_part.added", **at, "part": {**part, "text": ""}}
        for piece in pieces(part["text"]):
            yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
        yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []}
        yield {"type": "response.content_part.done", **at, "part": part}
        yield {"type": "response.output_item.done", "item": item}

    def function_call(self, item: Json) -> Iterator[Json]:
        yield {"type": "response.output_item.added", "item": {**item, "arguments": "", "status": "in_progress"}}
        at = {"item_id": item["id"]}
        for piece in pieces(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
        yield {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"]}
        yield {"type": "response.output_item.done", "item": item}


class Messages:
    """Anthropic's Messages."""

    def blocks(self, said: Said) -> list[Json]:
        found: list[Json] = []
        if said.thought:
            found.append({"type": "thinking", "thinking": said.thought, "signature": said.proof})
        if said.text:
            found.append({"type": "text", "text": said.text})
        return found + [{"type": "tool_use", "id": id, "name": name, "input": given} for id, name, given in said.calls]

    def frame(self, asked: Json) -> Json:
        usage = {"input_tokens": 11, "output_tokens": 1}
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "usage": usage}

    def end(self, said: Said) -> Json:
        return {"stop_reason": "tool_use" if said.calls else "end_turn", "stop_sequence": None}

    def whole(self, said: Said, asked: Json) -> Says:
        usage = {"input_tokens": 11, "output_tokens": 7}
        return whole({**self.frame(asked), "content": self.blocks(said), **self.end(said), "usage": usage})

    def stream(self, said: Said, asked: Json) -> Says:
        start = {**self.frame(asked), "content": [], "stop_reason": None, "stop_sequence": None}
        events: list[Json] = [{"type": "message_start", "message": start}, {"type": "ping"}]
        for at, block in enumerate(self.blocks(said)):
            empty, deltas = self.deltas(block)
            events.append({"type": "content_block_start", "index": at, "content_block": empty})
            events += [{"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas]
            events.append({"type": "content_block_stop", "index": at})
        events.append({"type": "message_delta", "delta": self.end(said), "usage": {"output_tokens": 7}})
        return sse([*events, {"type": "message_stop"}], named=True)

    @staticmethod
    def deltas(block: Json) -> tuple[Json, list[Json]]:
        """A block's beginning, and what is added to it."""
        if block["type"] == "thinking":
            added = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            proof = {"type": "signature_delta", "signature": block["signature"]}
            return {**block, "thinking": "", "signature": ""}, [*added, proof]
        if block["type"] == "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        parts = ["", *pieces(json.dumps(block["input"]))]
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": part} for part in parts]


class Generate:
    """Gemini, the proof of its thoughts on the first call."""

    USAGE = {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18}

    def parts(self, said: Said) -> list[Json]:
        found: list[Json] = [{"text": said.thought, "thought": True}] if said.thought else []
        found += [{"text": piece} for piece in pieces(said.text)]
        calls: list[Json] = [{"functionCall": {"name": name, "args": given}} for _, name, given in said.calls]
        if calls and said.proof:
            calls[0]["thoughtSignature"] = said.proof
        return found + calls

    def frame(self, parts: list[Json], asked: Json, reason: str | None) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
        candidate |= {"finishReason": reason} if reason else {}
        return {
            "candidates": [candidate],
            "usageMetadata": self.USAGE,
            "modelVersion": "gemini-2.5-flash",
            "responseId": "r1",
        }

    def whole(self, said: Said, asked: Json) -> Says:
        return whole(self.frame(self.parts(said), asked, "STOP"))

    def stream(self, said: Said, asked: Json) -> Says:
        parts = self.parts(said)
        ends = [None] * (len(parts) - 1) + ["STOP"]
        return sse([self.frame([part], asked, end) for part, end in zip(parts, ends, strict=True)])


VOICES = {
    "openai_chat": Chat(),
    "openai_responses": Responses(),
    "anthropic_messages": Messages(),
    "gemini_generate": Generate(),
    "bedrock_converse": Converse(),
}
PROOF = base64.b64encode(b"proof of thoughts, as long as one").decode()
