"""Requests as Claude Code sends them, made by hand: what of them every dialect carries."""

import json

import pytest

from tests.frameworks.runs import MODELS
from tests.frameworks.voices import PROOF

HEADERS = {
    "authorization": "Bearer sk-client",
    "anthropic_version": "2023-06-01",
    "anthropic_beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
    "anthropic_dangerous_direct_browser_access": "true",
    "x_app": "cli",
    "user_agent": "claude-cli/2.1.197 (external, sdk-cli)",
}
MARK = {"cache_control": {"type": "ephemeral"}}
READ = {"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object", "properties": {"city": {}}}}


def body(model, turns, **more):
    return {
        "model": model,
        "max_tokens": 32000,
        "system": [{"type": "text", "text": "You are an agent."}, {"type": "text", "text": "Be brief.", **MARK}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Weather in Lisbon?", **MARK}]}, *turns],
        "tools": [READ],
        "thinking": {"type": "enabled", "budget_tokens": 31999},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": '{"device_id":"d","account_uuid":"","session_id":"s"}'},
        **more,
    }


def sent(run, case, path, asked):
    """The answer to one request."""
    path = case["url"].removeprefix(run.stage.gateway.url) + path
    return run.stage.gateway.call(path, json.dumps(asked).encode(), x_exchange=case["id"], **HEADERS)


def message(answer):
    """Content, model and reason out of a stream."""
    events = [json.loads(line[6:]) for line in answer.body.decode().splitlines() if line.startswith("data: ")]
    assert events[-1]["type"] == "message_stop", answer.body
    blocks = {one["index"]: dict(one["content_block"]) for one in events if one["type"] == "content_block_start"}
    for one in events:
        if one["type"] == "content_block_delta":
            for name, text in one["delta"].items():
                if name == "partial_json":
                    blocks[one["index"]]["json"] = blocks[one["index"]].get("json", "") + text
                elif name != "type":
                    blocks[one["index"]][name] = (blocks[one["index"]].get(name) or "") + text
    for block in blocks.values():
        if "json" in block:
            block["input"] = json.loads(block.pop("json"))
    reason = next(one["delta"]["stop_reason"] for one in events if one["type"] == "message_delta")
    return list(blocks.values()), events[0]["message"]["model"], reason


@pytest.mark.parametrize("dialect", MODELS)
def test_thoughts_and_a_tool_cross_and_the_model_is_named_as_it_was_asked_for(run, dialect):
    case = run.case("by-hand", dialect, "tools")
    path = "/v1/messages?beta=true"
    content, model, reason = message(sent(run, case, path, body(case["model"], [], stream=True)))
    assert (model, reason) == (case["model"], "tool_use")
    assert content[0]["thinking"] == "Let me think of Lisbon."
    call = next(block for block in content if block["type"] == "tool_use")
    assert (call["name"], call["input"]) == ("Read", {"city": "Lisbon"})
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "sunny", **MARK}
    turns = [{"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
    content, _, reason = message(sent(run, case, path, body(case["model"], turns, stream=True)))
    assert reason == "end_turn"
    assert "sunny" in content[-1]["text"]
    (_, _, asked) = run.agent.got[case["id"]][-1]
    if dialect != "openai_chat":
        assert PROOF.encode() in asked.body
    assert asked.target.endswith("?beta=true") == (dialect == "anthropic_messages")


@pytest.mark.parametrize("dialect", MODELS)
def test_a_whole_answer_names_the_model_as_it_was_asked_for(run, dialect):
    case = run.case("by-hand", dialect, "tools")
    answer = sent(run, case, "/v1/messages?beta=true", body(case["model"], []))
    assert (answer.status, answer.json["model"]) == (200, case["model"])
    assert int(answer.headers["content-length"]) == len(answer.body)


@pytest.mark.parametrize("dialect", ["anthropic_messages", "gemini_generate"])
def test_tokens_are_counted_where_the_provider_counts(run, dialect):
    case = run.case("by-hand", dialect, "count")
    asked = body(case["model"], [])
    del asked["max_tokens"], asked["metadata"]
    answer = sent(run, case, "/v1/messages/count_tokens?beta=true", asked)
    assert answer.json["input_tokens"] == 42


def test_a_provider_that_does_not_count_says_so(run):
    case = run.case("by-hand", "openai_chat", "count")
    answer = sent(run, case, "/v1/messages/count_tokens?beta=true", body(case["model"], []))
    assert (answer.status, answer.json["type"]) == (400, "error")
