"""The calls that the demo makes: each way in, and each way in which a call may go."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

PROMPT: Final = "Which planet is the largest?"
"""What every prompt says, and no span where prompts are off."""

QUIET: Final = "/v1/demo/quiet"
TALKATIVE: Final = "/v1/demo/talkative"
CACHING: Final = "/v1/demo/caching/demo/chat/completions"
UNIFIED: Final = {"model": "demo/demo"}
MESSAGES: Final = {"messages": [{"role": "user", "content": PROMPT}]}
STREAMED: Final = {"stream": True}
COUNTED: Final = {"stream": True, "stream_options": {"include_usage": True}}
CONTENTS: Final = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
WEATHER: Final = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@dataclass(frozen=True)
class Call:
    """One request, how it ends, and what its trace shows."""

    name: str
    path: str
    body: Any
    look: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    attempts: int = 1

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return json.dumps(self.body).encode()


def native(name: str, model: str, look: str, **more: Any) -> Call:  # noqa: ANN401 - any of a call's fields
    """A call to the provider's own path, through the gateway without prompts on spans."""
    return Call(name, f"{QUIET}/demo/chat/completions", {"model": model, **MESSAGES}, look, **more)


def unified(name: str, path: str, *parts: dict[str, Any]) -> Call:
    """A call in one of the client dialects, translated to the provider's."""
    body: dict[str, Any] = {}
    for part in parts:
        body |= part
    return Call(name, f"{QUIET}/compat/{path}", body, "the client's dialect; the attempt below it is the provider's")


def steps(*models: str) -> list[dict[str, Any]]:
    """The universal endpoint's array, a step for each model."""
    return [{"provider": "demo", "endpoint": "chat/completions", "query": {"model": one, **MESSAGES}} for one in models]


ANSWERED: Final = [
    native("native", "demo", "a SERVER span, below it the attempt with tokens and gen_ai.usage.cost",
           headers={"cf-aig-metadata": '{"team": "search"}'}),
    Call("native, streamed", f"{QUIET}/demo/chat/completions", {"model": "demo-drip-20ms", **MESSAGES, **COUNTED},
         "the time to the first chunk; the attempt lasts as long as the stream"),
    Call("embeddings", f"{QUIET}/demo/embeddings", {"model": "demo", "input": PROMPT}, "input tokens alone"),
    Call("with its HTTP span", "/v1/demo/http/demo/chat/completions", {"model": "demo", **MESSAGES},
         "a third span, POST, of the request on the wire"),
]  # fmt: skip

DIALECTS: Final = [
    unified("OpenAI chat", "chat/completions", UNIFIED, MESSAGES),
    unified("OpenAI chat, streamed", "chat/completions", UNIFIED, MESSAGES, STREAMED),
    unified("OpenAI Responses", "responses", UNIFIED, {"input": PROMPT}),
    unified("OpenAI Responses, streamed", "responses", UNIFIED, {"input": PROMPT}, STREAMED),
    unified("Anthropic", "messages", UNIFIED, MESSAGES, {"max_tokens": 100}),
    unified("Anthropic, streamed", "messages", UNIFIED, MESSAGES, {"max_tokens": 100}, STREAMED),
    unified("Gemini", "v1beta/models/demo/demo:generateContent", CONTENTS),
    unified("Gemini, streamed", "v1beta/models/demo/demo:streamGenerateContent?alt=sse", CONTENTS),
    unified("OpenAI embeddings", "embeddings", UNIFIED, {"input": PROMPT}),
]

TROUBLED: Final = [
    native("failed", "demo-error-400", "an attempt that is an error, without tokens", status=400),
    native("retried", "demo-error-503", "three failed attempts side by side", status=503, attempts=3),
    native("broken off", "demo-break", "an error although the provider had said 200", status=502, attempts=1,
           headers={"cf-aig-max-attempts": "1"}),
    Call("fallen back", "/v1/demo/resilient/demo/chat/completions", {"model": "demo-error-500", **MESSAGES},
         "two failed attempts and one at the fallback's model", attempts=3),
    Call("universal", QUIET, steps("demo-error-500", "demo"),
         "the first step's attempts, then the one that served; gateway.step is 1", attempts=4),
    native("refused", "demo", "a SERVER span alone, with gateway.refusal", status=400, attempts=0,
           headers={"cf-aig-request-timeout": "soon"}),
]  # fmt: skip

CACHED: Final = [
    Call("not yet cached", CACHING, {"model": "demo", **MESSAGES}, "gateway.cached is false"),
    Call("cached", CACHING, {"model": "demo", **MESSAGES}, "gateway.cached is true: nobody was asked, nothing is spent",
         attempts=0),
]  # fmt: skip

KEPT: Final = {"cf-aig-cache-key": "demo"}

SHOWN: Final = [
    Call("with prompts", f"{TALKATIVE}/demo/chat/completions", {"model": "demo", **MESSAGES},
         "prompt and answer: this gateway has trace_content on", headers=KEPT),
    Call("with prompts, cached", f"{TALKATIVE}/demo/chat/completions", {"model": "demo", **MESSAGES},
         "prompt and answer on the call's own span, for there is no attempt", headers=KEPT, attempts=0),
    Call("with prompts, streamed", f"{TALKATIVE}/compat/chat/completions", {**UNIFIED, **MESSAGES, **STREAMED},
         "the answer put together again"),
    Call("with prompts, universal", TALKATIVE, steps("demo-slow-80ms-error-400", "demo-slow-250ms"),
         "the prompt of the step that served", attempts=2),
    Call("with prompts and a tool", f"{TALKATIVE}/compat/messages",
         {**UNIFIED, **MESSAGES, "max_tokens": 100, "tools": [WEATHER],
          "tool_choice": {"type": "tool", "name": "weather"}}, "the tool's call and its arguments"),
]  # fmt: skip

CALLS: Final = [*ANSWERED, *DIALECTS, *TROUBLED, *CACHED, *SHOWN]
