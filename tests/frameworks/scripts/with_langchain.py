"""LangChain as a new user has it: each case of standard input is a conversation, what was heard is printed."""

import json
import sys

from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Place(BaseModel):
    """A place and how warm it is there."""

    city: str
    degrees: int


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def model(case):
    """The model of a case."""
    name, url, key, headers = case["model"], case["url"], "sk-client", case["headers"]
    thinking = case["kind"] == "thinking"
    if case["client"] == "anthropic":
        more = {"thinking": {"type": "enabled", "budget_tokens": 1024}} if thinking else {}
        return ChatAnthropic(
            model=name, base_url=url, api_key=key, default_headers=headers, max_retries=0, max_tokens=2048, **more
        )
    if case["client"] == "google":
        # LangChain's own temperature is 0.7, with which Claude does not think.
        more = {"thinking_budget": 1024, "include_thoughts": True, "temperature": 1} if thinking else {}
        return ChatGoogleGenerativeAI(
            model=name, base_url=url, api_key=key, additional_headers=headers, max_retries=1, **more
        )
    more = {"reasoning_effort": "low"} if thinking else {}
    if case["client"] == "responses":
        more = {"use_responses_api": True, "output_version": "responses/v1"}
        if thinking:
            more |= {"reasoning": {"effort": "low", "summary": "auto"}}
            more |= {"include": ["reasoning.encrypted_content"], "store": False}
    return ChatOpenAI(model=name, base_url=url, api_key=key, default_headers=headers, max_retries=0, **more)


def thoughts(message):
    """What a message shows of thinking."""
    blocks = [block for block in message.content_blocks if block["type"] == "reasoning"]
    return "".join(block.get("reasoning") or "" for block in blocks)


def heard(message):
    """One answer."""
    return {
        "text": message.text,
        "thought": thoughts(message),
        "calls": [[call["name"], call["args"]] for call in message.tool_calls],
        "usage": (message.usage_metadata or {}).get("output_tokens"),
    }


def asked(chat, turns, stream):
    """An answer, whole or summed up of its stream."""
    if not stream:
        return chat.invoke(turns), 1
    total, pieces = None, 0
    for chunk in chat.stream(turns):
        assert isinstance(chunk, AIMessageChunk)
        total, pieces = chunk if total is None else total + chunk, pieces + 1
    return total, pieces


def conversed(chat, stream):
    """A call, its result, and the last word."""
    tooled = chat.bind_tools([weather])
    turns = [("system", "Be brief."), HumanMessage("Weather in Lisbon?")]
    first, pieces = asked(tooled, turns, stream)
    results = [ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"]) for call in first.tool_calls]
    last, _ = asked(tooled, [*turns, first, *results], stream)
    return {"first": heard(first), "last": heard(last), "pieces": pieces}


def told(case):
    """One case."""
    chat = model(case)
    if case["kind"] == "schema":
        shaped = chat.with_structured_output(Place, **case.get("how", {}))
        found = list(shaped.stream("Where is it warm?"))[-1] if case["stream"] else shaped.invoke("Where is it warm?")
        return {"place": found.model_dump()}
    if case["kind"] == "agent":
        agent = create_agent(chat, [weather], system_prompt="Be brief.", response_format=Place)
        done = agent.invoke({"messages": [HumanMessage("Weather in Lisbon?")]})
        results = [one.content for one in done["messages"] if isinstance(one, ToolMessage)]
        assert isinstance(done["messages"][1], AIMessage)
        return {"place": done["structured_response"].model_dump(), "results": results}
    return conversed(chat, case["stream"])


def main():
    for case in json.load(sys.stdin):
        try:
            said = told(case)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"[:600]}
        print(json.dumps(said), flush=True)


main()
