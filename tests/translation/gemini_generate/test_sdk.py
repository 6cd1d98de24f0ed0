"""google-genai, unmodified, speaks to the codec: what it sends is read, what it gets is written."""

import json

import httpx
import pytest
from google import genai
from google.genai import errors, types

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion, Fault
from gateway.conversation.events import Add, Close, Count, End, Failed, Finish, Open, Sign, Start
from gateway.conversation.parts import Media, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Choice, Format, Message, Reasoning
from gateway.translation.gemini_generate import CODEC

THOUGHT = Thinking("Hm.", "a/b+c", id="rs_1", maker="openai_responses")
CALL = ToolUse("call_1", "weather", '{"city":"Paris"}', signature="x_y", maker="anthropic_messages")


def weather(city: str) -> str:
    """Says the weather."""
    return f"Rain in {city}."


class Provider:
    """Answers in turn; `asked` is what was read of the requests."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []
        self.client = genai.Client(
            api_key="x", http_options=types.HttpOptions(client_args={"transport": httpx.MockTransport(self.reply)})
        )

    def reply(self, request):
        model, _, method = request.url.path.rpartition("/models/")[2].partition(":")
        stream = method == "streamGenerateContent"
        asked = CODEC.read_request({**json.loads(request.content), "model": model, "stream": stream})
        self.asked.append(asked)
        answer = self.answers.pop(0)
        if isinstance(answer, Fault):
            return httpx.Response(answer.status, json=CODEC.write_fault(answer))
        if not stream:
            return httpx.Response(200, json=CODEC.write_answer(answer, asked))
        writer = CODEC.writer(asked)
        body = b"".join(writer.write(event) for event in answer)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)


def answer(*parts, reason="stop"):
    return Completion("r", "m", candidates=[Candidate(list(parts), reason)], usage=Usage(3, 4, 7))


def test_a_request_with_everything():
    provider = Provider(answer(Text("Hi")))
    config = types.GenerateContentConfig(
        system_instruction="Be brief.",
        temperature=0.5,
        top_k=3,
        max_output_tokens=9,
        stop_sequences=["x"],
        response_mime_type="application/json",
        response_schema=types.Schema(type="OBJECT", properties={"a": types.Schema(type="STRING", nullable=True)}),
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=100),
        tools=[types.Tool(function_declarations=[{"name": "f", "parameters": {"type": "OBJECT", "properties": {}}}])],
        tool_config={"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}},
        automatic_function_calling={"disable": True},
    )
    contents = ["Hello", types.Part.from_bytes(data=b"\xff\xfe\xfb", mime_type="image/png")]
    response = provider.client.models.generate_content(model="gemini-2.5-flash", contents=contents, config=config)
    assert response.text == "Hi"
    assert (response.usage_metadata.prompt_token_count, response.usage_metadata.candidates_token_count) == (3, 4)
    [asked] = provider.asked
    assert asked.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Hello"), Media("image", "image/png", data="//77")]),
    ]
    assert asked.parameters == {"temperature": 0.5, "top_k": 3, "max_tokens": 9, "stop": ["x"]}
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    assert asked.format == Format("schema", schema)
    assert asked.reasoning == Reasoning(budget=100, show=True)
    assert asked.choice == Choice("named", "f")
    assert asked.tools[0].schema == {"type": "object", "properties": {}}
    assert asked.extras == {}


def test_functions_are_called_and_foreign_signatures_come_back():
    provider = Provider(answer(THOUGHT, CALL, reason="tool_use"), answer(Text("It rains.")))
    chat = provider.client.chats.create(model="gemini-2.5-flash", config=types.GenerateContentConfig(tools=[weather]))
    assert chat.send_message("How is it in Paris?").text == "It rains."
    _, asked = provider.asked
    _, calling, result = asked.messages
    assert calling == Message("assistant", [THOUGHT, CALL])
    [found] = result.parts
    assert isinstance(found, ToolResult)
    assert (found.name, found.error) == ("weather", False)
    assert json.loads(found.parts[0].text) == {"result": "Rain in Paris."}
    assert asked.tools[0].schema["properties"] == {"city": {"type": "string"}}


def test_a_stream_comes_back_as_it_was_answered():
    events = [
        Start("r", "m"),
        Open(0, 0, Thinking()),
        Add(0, 0, "H"),
        Add(0, 0, "m."),
        Sign(0, 0, "a/b+c", "anthropic_messages"),
        Close(0, 0),
        Open(0, 1, Text()),
        Add(0, 1, "Hé"),
        Add(0, 1, "llo"),
        Close(0, 1),
        Finish(0, "length"),
        Count(Usage(3, 4, 7)),
        End(),
    ]
    provider = Provider(events, answer(Text("Bye")))
    chat = provider.client.chats.create(model="gemini-2.5-flash")
    chunks = list(chat.send_message_stream("Hi"))
    assert "".join(chunk.text or "" for chunk in chunks) == "Héllo"
    assert chunks[-1].candidates[0].finish_reason is types.FinishReason.MAX_TOKENS
    assert chunks[-1].usage_metadata.total_token_count == 7
    chat.send_message("Bye")
    said = [part for message in provider.asked[1].messages if message.role == "assistant" for part in message.parts]
    assert said == [Thinking("Hm.", "a/b+c", maker="anthropic_messages"), Text("Héllo")]


def test_errors_are_raised():
    provider = Provider(Fault(429, "Slow down."))
    with pytest.raises(errors.ClientError, match="Slow down") as raised:
        provider.client.models.generate_content(model="gemini-2.5-flash", contents="Hi")
    assert raised.value.status == "RESOURCE_EXHAUSTED"


def test_errors_in_mid_stream_are_raised():
    events = [Start("r", "m"), Open(0, 0, Text()), Add(0, 0, "Hi"), Failed(Fault(503, "Overloaded."))]
    provider = Provider(events)
    with pytest.raises(errors.APIError, match="Overloaded"):
        list(provider.client.models.generate_content_stream(model="gemini-2.5-flash", contents="Hi"))
