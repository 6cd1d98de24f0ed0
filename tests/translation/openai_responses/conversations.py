"""One conversation for each parameter and feature, with just that thing in it, as a client of another dialect asks."""

from gateway.conversation.parts import Cache, Media, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Choice, Conversation, Format, Message, Reasoning, Tool

PARAMETERS = {
    "max_tokens": 100,
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 5,
    "min_p": 0.1,
    "stop": ["END"],
    "seed": 7,
    "n": 2,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "repetition_penalty": 1.1,
    "logprobs": True,
    "top_logprobs": 3,
    "logit_bias": {"50256": -100},
    "user": "someone",
    "safety_identifier": "hash",
    "metadata": {"a": "b"},
    "service_tier": "flex",
    "store": True,
    "prompt_cache_key": "key",
    "prompt_cache_retention": "24h",
    "verbosity": "low",
    "modalities": ["text", "audio"],
    "audio": {"voice": "alloy", "format": "wav"},
    "prediction": {"type": "content", "content": "x"},
    "web_search_options": {"search_context_size": "low"},
    "previous_response_id": "resp_1",
    "truncation": "auto",
    "safety_settings": [{"category": "X"}],
}

TOOL = Tool("f", "does", {"type": "object", "properties": {}})
CALL = Message("assistant", [ToolUse("call_1", "f", "{}")])


def said(*parts, role="user", name=""):
    return {"messages": [Message(role, list(parts), name)]}


def resulting(*parts, error=False):
    result = ToolResult("call_1", list(parts), "f", error)
    return {"messages": [Message("user", [Text("Hi")]), CALL, Message("tool", [result])], "tools": [TOOL]}


FEATURES = {
    "system": {"messages": [Message("system", [Text("Be brief.")]), Message("user", [Text("Hi")])]},
    "developer": {"messages": [Message("developer", [Text("Be brief.")]), Message("user", [Text("Hi")])]},
    "system_later": {"messages": [Message("user", [Text("Hi")]), Message("system", [Text("Be brief.")])]},
    "name": said(Text("Hi"), name="Ann"),
    "image.data": said(Media("image", "image/png", data="iVBORw0K")),
    "image.url": said(Media("image", url="https://example.com/a.png")),
    "image.file": said(Media("image", file="file-1")),
    "image.detail": said(Media("image", url="https://example.com/a.png", detail="low")),
    "audio.data": said(Media("audio", "audio/wav", data="UklGRg==")),
    "audio.url": said(Media("audio", url="https://example.com/a.wav")),
    "video.data": said(Media("video", "video/mp4", data="AAAA")),
    "video.url": said(Media("video", url="https://example.com/a.mp4")),
    "document.data": said(Media("document", "application/pdf", data="JVBERi0x", name="a.pdf")),
    "document.url": said(Media("document", url="https://example.com/a.pdf")),
    "document.file": said(Media("document", file="file-1")),
    "document.text": said(Media("document", "text/plain", text="Once upon a time", name="Tale")),
    "citations": said(Media("document", "application/pdf", data="JVBERi0x", cite=True)),
    "thinking": {
        "messages": [
            Message("user", [Text("Hi")]),
            Message("assistant", [Thinking("Hm.", "sealed", id="rs_1", maker="openai_responses", summary=True)]),
        ]
    },
    "tools": {"tools": [TOOL]},
    "tools.strict": {"tools": [Tool("f", "", {"type": "object", "properties": {}}, strict=True)]},
    "tools.custom": {"tools": [Tool("f", "does", custom=True)]},
    "tool_result.error": resulting(Text("no such file"), error=True),
    "tool_result.image": resulting(Media("image", "image/png", data="iVBORw0K")),
    "tool_result.document": resulting(Media("document", "application/pdf", data="JVBERi0x", name="a.pdf")),
    "tool_choice.auto": {"tools": [TOOL], "choice": Choice("auto")},
    "tool_choice.none": {"tools": [TOOL], "choice": Choice("none")},
    "tool_choice.required": {"tools": [TOOL], "choice": Choice("required")},
    "tool_choice.named": {"tools": [TOOL], "choice": Choice("named", "f")},
    "parallel_tool_calls": {"tools": [TOOL], "parallel": False},
    "format.json": {"format": Format("json")},
    "format.schema": {"format": Format("schema", {"type": "object"}, "thing")},
    "format.strict": {"format": Format("schema", {"type": "object"}, "thing", strict=True)},
    "reasoning.effort": {"reasoning": Reasoning("low")},
    "reasoning.budget": {"reasoning": Reasoning(budget=4000)},
    "reasoning.adaptive": {"reasoning": Reasoning(adaptive=True)},
    "reasoning.show": {"reasoning": Reasoning(show=True)},
    "cache": said(Text("Hi", cache=Cache("1h"))),
}


def conversation(dialect="anthropic_messages", **fields):
    fields = {"messages": [Message("user", [Text("Hi")])], **fields}
    return Conversation(dialect, "gpt-x", **fields)


def each():
    """Name and conversation, for everything."""
    for name, value in PARAMETERS.items():
        yield name, conversation(parameters={name: value})
    for name, fields in FEATURES.items():
        yield name, conversation(**fields)
