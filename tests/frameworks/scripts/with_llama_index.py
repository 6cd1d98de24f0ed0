"""LlamaIndex as a new user has it: each case of standard input is a conversation, what was heard is printed."""

import json
import sys

from llama_index.core.base.llms.types import ThinkingBlock
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai_like import OpenAILike, OpenAILikeResponses
from pydantic import BaseModel


class Place(BaseModel):
    """A place and how warm it is there."""

    city: str
    degrees: int


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def model(case):
    """The model of a case."""
    thinking = case["kind"] == "thinking"
    told = {"model": case["model"], "api_key": "sk-client", "default_headers": case["headers"], "max_retries": 0}
    if case["client"] == "anthropic":
        more = {"thinking_dict": {"type": "enabled", "budget_tokens": 1024}, "temperature": 1} if thinking else {}
        return Anthropic(base_url=case["url"], max_tokens=2048, **told, **more)
    told |= {"api_base": case["url"], "context_window": 128000, "is_function_calling_model": True}
    if case["client"] == "responses":
        more = {"reasoning_options": {"effort": "low", "summary": "auto"}, "temperature": 1} if thinking else {}
        return OpenAILikeResponses(**told, **more)
    more = {"additional_kwargs": {"reasoning_effort": "low"}, "temperature": 1} if thinking else {}
    return OpenAILike(is_chat_model=True, should_use_structured_outputs=case.get("native", False), **told, **more)


def asked(llm, tools, turns, stream):
    """An answer, whole or the last of its stream."""
    if not stream:
        return llm.chat_with_tools(tools, chat_history=turns), 1
    found = list(llm.stream_chat_with_tools(tools, chat_history=turns))
    return found[-1], len(found)


def conversed(llm, stream):
    """A call, its result, and the last word."""
    tool = FunctionTool.from_defaults(weather)
    turns = [ChatMessage("Be brief.", role="system"), ChatMessage("Weather in Lisbon?")]
    first, pieces = asked(llm, [tool], turns, stream)
    calls = llm.get_tool_calls_from_response(first, error_on_no_tool_call=False)
    results = [
        ChatMessage(
            str(tool(**call.tool_kwargs)),
            role="tool",
            additional_kwargs={"tool_call_id": call.tool_id, "call_id": call.tool_id},
        )
        for call in calls
    ]
    last, _ = asked(llm, [tool], [*turns, first.message, *results], stream)
    thoughts = [block.content for block in first.message.blocks if isinstance(block, ThinkingBlock)]
    return {
        "calls": [[call.tool_name, call.tool_kwargs] for call in calls],
        "thought": "".join(thought or "" for thought in thoughts),
        "last": last.message.content,
        "pieces": pieces,
    }


def told(case):
    """One case."""
    llm = model(case)
    if case["kind"] == "text":
        turns = [ChatMessage("Hi")]
        return {"last": list(llm.stream_chat(turns))[-1].message.content if case["stream"] else str(llm.complete("Hi"))}
    if case["kind"] == "schema":
        shaped, turns = llm.as_structured_llm(Place), [ChatMessage("Where is it warm?")]
        found = list(shaped.stream_chat(turns))[-1] if case["stream"] else shaped.chat(turns)
        return {"place": found.raw.model_dump()}
    return conversed(llm, case["stream"])


def main():
    for case in json.load(sys.stdin):
        try:
            said = told(case)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"[:600]}
        print(json.dumps(said), flush=True)


main()
