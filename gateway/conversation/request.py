"""What a client asks of a model, whatever the dialect."""

from typing import Any, Literal, TypeAlias

import msgspec

from gateway.conversation.parts import Cache, Native, Part

Role: TypeAlias = Literal["system", "developer", "user", "assistant", "tool"]
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Message(msgspec.Struct):
    """One turn. `tool` messages hold ToolResults only; in other roles they may stand beside other parts."""

    role: Role
    parts: list[Part]
    name: str = ""
    """OpenAI's name of a participant."""


class Tool(msgspec.Struct):
    """A function that the model may ask for."""

    name: str
    description: str = ""
    schema: dict[str, Any] | None = None
    """JSON Schema of the arguments; None where the client gave none."""
    strict: bool | None = None
    custom: Any = None
    """For OpenAI's free-text tools: their `format`, or True; None for a function."""
    cache: Cache | None = None


class Choice(msgspec.Struct, frozen=True):
    """Which tool must be used: `auto`, `none`, `required`, or `named` with its name."""

    mode: Literal["auto", "none", "required", "named"]
    name: str = ""


class Format(msgspec.Struct, frozen=True):
    """The form of the answer: any JSON, or JSON of a schema."""

    kind: Literal["json", "schema"]
    schema: dict[str, Any] | None = None
    name: str = ""
    description: str = ""
    strict: bool | None = None


class Reasoning(msgspec.Struct, frozen=True):
    """How much a model shall think before it answers, and whether it shall show that."""

    effort: Effort | None = None
    budget: int | None = None
    """Tokens; 0 switches thinking off, -1 leaves it to the model."""
    adaptive: bool = False
    """Anthropic's `adaptive`: think as long as it takes."""
    show: bool | None = None
    """Whether thoughts, or a summary of them, shall be in the answer; None where the client did not say."""


PARAMETERS: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "max_tokens": int,
    "temperature": (int, float),
    "top_p": (int, float),
    "top_k": int,
    "min_p": (int, float),
    "stop": list,  # of str
    "seed": int,
    "n": int,
    "frequency_penalty": (int, float),
    "presence_penalty": (int, float),
    "repetition_penalty": (int, float),
    "logprobs": bool,
    "top_logprobs": int,
    "logit_bias": dict,  # token id as text to number
    "user": str,
    "safety_identifier": str,
    "metadata": dict,  # of str to str
    "service_tier": str,
    "store": bool,
    "prompt_cache_key": str,
    "prompt_cache_retention": str,
    "verbosity": str,
    "modalities": list,  # of str: text, audio, image
    "audio": dict,  # OpenAI's {voice, format}
    "prediction": dict,
    "web_search_options": dict,
    "previous_response_id": str,
    "truncation": str,
    "safety_settings": list,
}
"""Parameters under their neutral names, and the type a value must have; a reader refuses any other with 400."""


class Conversation(msgspec.Struct):
    """A request to a model. A field that is None or empty was not given by the client."""

    dialect: str
    """The client's."""
    model: str
    """Without the provider."""
    messages: list[Message]
    """System and developer messages stand where the client put them; a dialect that has them apart puts them first."""
    stream: bool = False
    include_usage: bool = False
    """Whether the client's stream shall say its usage; always so where the dialect knows no choice."""
    tools: list[Tool] = msgspec.field(default_factory=list)
    native_tools: list[Native] = msgspec.field(default_factory=list)
    """A provider's own tools, such as web search."""
    choice: Choice | None = None
    parallel: bool | None = None
    format: Format | None = None
    reasoning: Reasoning | None = None
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    """By the names of PARAMETERS."""
    extras: dict[str, Any] = msgspec.field(default_factory=dict)
    """What has no neutral name, by its name in the client's dialect (a path: `generationConfig.x`)."""
