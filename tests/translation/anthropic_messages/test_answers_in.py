import json

import pytest

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Text
from gateway.translation.anthropic_messages import CODEC
from tests import corpus
from tests.translation.anthropic_messages.recorded import answers

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "stop_sequence",
    "stop_sequence": "END",
    "stop_details": None,
    "container": {"id": "c"},
    "usage": {"input_tokens": 1, "output_tokens": 2, "server_tool_use": {"web_search_requests": 1}},
}


def test_a_message_is_one_candidate():
    read = CODEC.read_answer(MESSAGE)
    assert (read.id, read.model) == ("msg_1", "claude-sonnet-4-5")
    assert read.candidates == [Candidate([Text("Hi")], "stop_sequence", "stop_sequence", "END")]
    assert (read.usage.input_tokens, read.usage.output_tokens) == (1, 2)
    assert read.extras == {"container": {"id": "c"}, "usage.server_tool_use": {"web_search_requests": 1}}


@pytest.mark.parametrize(
    "body", [{}, {"content": 5}, {"content": [5, None]}, {"usage": [], "stop_reason": 1, "id": {}, "model": None}]
)
def test_an_odd_message_is_an_empty_one(body):
    assert CODEC.read_answer(body) == Completion(candidates=[Candidate()])


@corpus.present
@pytest.mark.parametrize(("id", "body"), answers() if corpus.FOLDER.is_dir() else [])
def test_every_recorded_message_is_read_whole(id, body):
    read = CODEC.read_answer(body)
    (candidate,) = read.candidates
    texts = [block["text"] for block in body["content"] if block["type"] == "text"]
    thoughts = [block["thinking"] for block in body["content"] if block["type"] == "thinking"]
    proofs = [block.get("signature") or block.get("data") for block in body["content"] if "thinking" in block["type"]]
    calls = [(b["id"], b["name"], b["input"]) for b in body["content"] if b["type"] == "tool_use"]
    kinds = [type(part).__name__ for part in candidate.parts]
    assert [part.text for part in candidate.parts if type(part).__name__ == "Text"] == texts
    thinking = [part for part in candidate.parts if type(part).__name__ == "Thinking"]
    assert [part.text for part in thinking if not part.redacted] == thoughts
    assert [part.signature or part.redacted for part in thinking] == proofs
    uses = [part for part in candidate.parts if type(part).__name__ == "ToolUse"]
    assert [(part.id, part.name, json.loads(part.arguments or "{}")) for part in uses] == calls
    assert kinds.count("Native") == len(body["content"]) - len(texts) - len(proofs) - len(calls)
    assert candidate.native_reason == body["stop_reason"]
    assert candidate.stop_sequence == body["stop_sequence"]
    usage = body["usage"]
    cached, wrote = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    assert read.usage.input_tokens == usage["input_tokens"] + cached + wrote
    assert read.usage.output_tokens == usage["output_tokens"]
    assert (read.usage.input_cached_tokens or 0, read.usage.input_cache_write_tokens or 0) == (cached, wrote)
