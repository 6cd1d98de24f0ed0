"""Pydantic AI as a new user has it: each case of standard input is a conversation, what was heard is printed."""

import asyncio
import json
import sys

from anthropic import AsyncAnthropic
from google import genai
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.messages import ThinkingPart, ToolReturnPart
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider


class Place(BaseModel):
    """A place and how warm it is there."""

    city: str
    degrees: int


def model(case):
    """The model of a case, and the settings that make it think."""
    name, url, headers = case["model"], case["url"], case["headers"]
    if case["client"] == "anthropic":
        client = AsyncAnthropic(base_url=url, api_key="sk-client", default_headers=headers, max_retries=0)
        thinking = {"anthropic_thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2048}
        return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client)), thinking
    if case["client"] == "google":
        options = {"base_url": url, "headers": headers}
        provider = GoogleProvider(client=genai.Client(api_key="sk-client", http_options=options))
        thinking = {"google_thinking_config": {"thinking_budget": 1024, "include_thoughts": True}}
        return GoogleModel(name, provider=provider), thinking
    client = AsyncOpenAI(base_url=url, api_key="sk-client", default_headers=headers, max_retries=0)
    provider = OpenAIProvider(openai_client=client)
    if case["client"] == "responses":
        thinking = {"openai_reasoning_effort": "low", "openai_reasoning_summary": "auto"}
        return OpenAIResponsesModel(name, provider=provider), thinking
    return OpenAIChatModel(name, provider=provider), {"openai_reasoning_effort": "low"}


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def parts(messages, kind):
    """All parts of a kind."""
    return [part for message in messages for part in message.parts if isinstance(part, kind)]


async def told(case):
    """One case."""
    chosen, thinking = model(case)
    shape = {"schema": NativeOutput(Place), "agent": Place}.get(case["kind"], str)
    tools = [] if case["kind"] == "schema" else [weather]
    settings = thinking if case["kind"] == "thinking" else None
    agent = Agent(chosen, system_prompt="Be brief.", tools=tools, output_type=shape, model_settings=settings, retries=0)
    pieces = 0
    if case["stream"]:
        async with agent.run_stream("Weather in Lisbon?") as run:
            async for _ in run.stream_output(debounce_by=None):
                pieces += 1
            output, messages, usage = await run.get_output(), run.all_messages(), run.usage
    else:
        run = await agent.run("Weather in Lisbon?")
        output, messages, usage = run.output, run.all_messages(), run.usage
    usage = usage() if callable(usage) else usage
    return {
        "output": output if isinstance(output, str) else output.model_dump(),
        "results": [part.content for part in parts(messages, ToolReturnPart)],
        "thoughts": [part.content for part in parts(messages, ThinkingPart)],
        "usage": usage.output_tokens,
        "pieces": pieces,
    }


async def main():
    for case in json.load(sys.stdin):
        try:
            said = await told(case)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"[:600]}
        print(json.dumps(said), flush=True)


asyncio.run(main())
