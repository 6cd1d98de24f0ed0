"""A conversation with tools in each SDK: ask, get calls, send them back with their results as one does there."""

import json
from typing import Any

from google.genai import types

HI = {"role": "user", "content": "Hi"}
SCHEMA = {"type": "object", "properties": {}}


class Turns:
    """One SDK's way; `calls` are what it was told, as id and name."""

    def __init__(self, sdk: Any, model: str, names: list[str]) -> None:
        self.sdk, self.model, self.names = sdk, model, names
        self.calls: list[tuple[str, str]] = []


class Chat(Turns):
    def tools(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in self.names]

    def ask(self, headers: dict[str, str], *, stream: bool) -> None:
        given = {"model": self.model, "messages": [HI], "tools": self.tools(), "extra_headers": headers}
        if stream:
            with self.sdk.chat.completions.stream(**given) as events:
                done = events.until_done().get_final_completion()
        else:
            done = self.sdk.chat.completions.create(**given)
        self.said = done.choices[0].message
        self.calls = [(call.id, call.function.name) for call in self.said.tool_calls]

    def answer(self, results: list[str], headers: dict[str, str]) -> None:
        turns = [
            {"role": "tool", "tool_call_id": id, "content": text}
            for (id, _), text in zip(self.calls, results, strict=True)
        ]
        said = self.said.model_dump(exclude_none=True, warnings=False)
        for call in said["tool_calls"]:
            # The helper for streams adds what it parsed.
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        said.pop("parsed", None)
        self.sdk.chat.completions.create(
            model=self.model, messages=[HI, said, *turns], tools=self.tools(), extra_headers=headers
        )


class Responses(Turns):
    def tools(self) -> list[dict[str, Any]]:
        return [{"type": "function", "name": name, "parameters": SCHEMA, "strict": False} for name in self.names]

    def ask(self, headers: dict[str, str], *, stream: bool) -> None:
        given = {"model": self.model, "input": [HI], "tools": self.tools(), "extra_headers": headers}
        if stream:
            with self.sdk.responses.stream(**given) as events:
                done = events.until_done().get_final_response()
        else:
            done = self.sdk.responses.create(**given)
        self.said = [item.model_dump(exclude_none=True, warnings=False) for item in done.output]
        for item in self.said:
            item.pop("parsed_arguments", None)
            for content in item.get("content") or ():
                content.pop("parsed", None)
        self.calls = [(item["call_id"], item["name"]) for item in self.said if item["type"] == "function_call"]

    def answer(self, results: list[str], headers: dict[str, str]) -> None:
        turns = [
            {"type": "function_call_output", "call_id": id, "output": text}
            for (id, _), text in zip(self.calls, results, strict=True)
        ]
        self.sdk.responses.create(
            model=self.model, input=[HI, *self.said, *turns], tools=self.tools(), extra_headers=headers
        )


class Messages(Turns):
    def given(self, turns: list[Any], headers: dict[str, str]) -> dict[str, Any]:
        tools = [{"name": name, "input_schema": SCHEMA} for name in self.names]
        return {
            "model": self.model,
            "max_tokens": 64,
            "messages": [HI, *turns],
            "tools": tools,
            "extra_headers": headers,
        }

    def ask(self, headers: dict[str, str], *, stream: bool) -> None:
        if stream:
            with self.sdk.messages.stream(**self.given([], headers)) as events:
                done = events.get_final_message()
        else:
            done = self.sdk.messages.create(**self.given([], headers))
        self.said = done.content
        self.calls = [(block.id, block.name) for block in done.content if block.type == "tool_use"]

    def answer(self, results: list[str], headers: dict[str, str]) -> None:
        blocks = [
            {"type": "tool_result", "tool_use_id": id, "content": text}
            for (id, _), text in zip(self.calls, results, strict=True)
        ]
        said = [block.model_dump(exclude_none=True, exclude={"parsed_output"}) for block in self.said]
        turns = [{"role": "assistant", "content": said}, {"role": "user", "content": blocks}]
        self.sdk.messages.create(**self.given(turns, headers))


class Generate(Turns):
    def given(self, turns: list[Any], headers: dict[str, str]) -> dict[str, Any]:
        tool = types.Tool(function_declarations=[types.FunctionDeclaration(name=name) for name in self.names])
        config = types.GenerateContentConfig(tools=[tool], http_options=types.HttpOptions(headers=headers))
        hi = types.Content(role="user", parts=[types.Part(text="Hi")])
        return {"model": self.model, "contents": [hi, *turns], "config": config}

    def ask(self, headers: dict[str, str], *, stream: bool) -> None:
        if stream:
            chunks = list(self.sdk.models.generate_content_stream(**self.given([], headers)))
        else:
            chunks = [self.sdk.models.generate_content(**self.given([], headers))]
        contents = [candidate.content for chunk in chunks for candidate in chunk.candidates or ()]
        parts = [part for content in contents if content for part in content.parts or ()]
        # As the SDK's own chats keep them: what is empty is left out.
        self.said = [part for part in parts if part.text != "" or part.thought_signature]
        self.calls = [(part.function_call.id, part.function_call.name) for part in parts if part.function_call]

    def answer(self, results: list[str], headers: dict[str, str]) -> None:
        answers = [
            types.Part(function_response=types.FunctionResponse(id=id, name=name, response={"result": text}))
            for (id, name), text in zip(self.calls, results, strict=True)
        ]
        turns = [types.Content(role="model", parts=self.said), types.Content(role="user", parts=answers)]
        self.sdk.models.generate_content(**self.given(turns, headers))


TURNS = {
    "openai_chat": Chat,
    "openai_responses": Responses,
    "anthropic_messages": Messages,
    "gemini_generate": Generate,
}


class Back:
    """What a provider got back: calls, results by the ids they are for, and every proof of thoughts."""

    def __init__(self, dialect: str, body: dict[str, Any]) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.results: list[tuple[str, str]] = []
        self.proofs: list[str] = []
        getattr(self, dialect)(body)

    def openai_chat(self, body: dict[str, Any]) -> None:
        for turn in body["messages"]:
            for call in turn.get("tool_calls") or ():
                function = call["function"]
                self.calls.append((call["id"], function["name"], json.loads(function["arguments"])))
                self.google(call)
            for item in turn.get("reasoning_details") or ():
                self.proofs += [item[name] for name in ("signature", "data") if item.get(name)]
            self.google(turn)
            if turn["role"] == "tool":
                self.results.append((turn["tool_call_id"], turn["content"]))

    def google(self, holder: dict[str, Any]) -> None:
        signature = (holder.get("extra_content") or {}).get("google", {}).get("thought_signature")
        self.proofs += [signature] if signature else []

    def openai_responses(self, body: dict[str, Any]) -> None:
        for item in body["input"]:
            if item.get("type") == "function_call":
                self.calls.append((item["call_id"], item["name"], json.loads(item["arguments"])))
            elif item.get("type") == "function_call_output":
                self.results.append((item["call_id"], item["output"]))
            elif item.get("encrypted_content"):
                self.proofs.append(item["encrypted_content"])

    def anthropic_messages(self, body: dict[str, Any]) -> None:
        for turn in body["messages"]:
            for block in turn["content"] if isinstance(turn["content"], list) else ():
                if block["type"] == "tool_use":
                    self.calls.append((block["id"], block["name"], block["input"]))
                elif block["type"] == "tool_result":
                    self.results.append((block["tool_use_id"], texts(block["content"])))
                self.proofs += [block[name] for name in ("signature", "data") if block.get(name)]

    def gemini_generate(self, body: dict[str, Any]) -> None:
        for turn in body["contents"]:
            for part in turn["parts"]:
                if call := part.get("functionCall"):
                    self.calls.append((call.get("id", ""), call["name"], call.get("args") or {}))
                if answer := part.get("functionResponse"):
                    (text,) = answer["response"].values()
                    self.results.append((answer.get("id", ""), text))
                self.proofs += [part["thoughtSignature"]] if "thoughtSignature" in part else []

    def bedrock_converse(self, body: dict[str, Any]) -> None:
        for turn in body["messages"]:
            for block in turn["content"]:
                if use := block.get("toolUse"):
                    self.calls.append((use["toolUseId"], use["name"], use["input"]))
                elif result := block.get("toolResult"):
                    self.results.append((result["toolUseId"], texts(result["content"])))
                elif thought := block.get("reasoningContent"):
                    found = thought.get("reasoningText", {}).get("signature") or thought.get("redactedContent")
                    self.proofs += [found] if found else []

    def cohere_chat(self, body: dict[str, Any]) -> None:
        for turn in body["messages"]:
            for call in turn.get("tool_calls") or ():
                function = call["function"]
                self.calls.append((call["id"], function["name"], json.loads(function["arguments"])))
            if turn["role"] == "tool":
                self.results.append((turn["tool_call_id"], texts(turn["content"])))


def texts(content: Any) -> str:
    """A result's words; one that is JSON of one member is that member's."""
    if isinstance(content, list):
        content = "".join(
            json.dumps(one["json"]) if "json" in one else texts(one.get("text") or one["document"]["data"])
            for one in content
        )
    return content
