"""What write_request does with each thing a client may ask for.

The dialect is what its many speakers have in common and what most of them added; a provider that lacks something of it
says so in its `Quirks.refuses`.
"""

from typing import Final

from gateway.conversation.losses import CARRIED, REFUSED, Rule, Rules

ADDED: Final = "an addition to the dialect that most providers but its author take"

PARAMETERS: Final[Rules] = {
    "max_tokens": Rule("renamed", "`max_completion_tokens`, or `max_tokens` where a provider knows only that"),
    "temperature": CARRIED,
    "top_p": CARRIED,
    "top_k": Rule("carried", ADDED),
    "min_p": Rule("carried", ADDED),
    "stop": CARRIED,
    "seed": CARRIED,
    "n": CARRIED,
    "frequency_penalty": CARRIED,
    "presence_penalty": CARRIED,
    "repetition_penalty": Rule("carried", ADDED),
    "logprobs": CARRIED,
    "top_logprobs": CARRIED,
    "logit_bias": CARRIED,
    "user": CARRIED,
    "safety_identifier": CARRIED,
    "metadata": CARRIED,
    "service_tier": CARRIED,
    "store": CARRIED,
    "prompt_cache_key": CARRIED,
    "prompt_cache_retention": CARRIED,
    "verbosity": CARRIED,
    "modalities": CARRIED,
    "audio": CARRIED,
    "prediction": CARRIED,
    "web_search_options": CARRIED,
    "previous_response_id": Rule("refused", "chat completions are not continued by id: send the messages"),
    "truncation": Rule("refused", "chat completions never shorten the conversation; `disabled` is no wish"),
    "safety_settings": REFUSED,
}

FEATURES: Final[Rules] = {
    "system": CARRIED,
    "developer": Rule("carried", "as `system` where a provider knows no developer"),
    "system_later": CARRIED,
    "name": CARRIED,
    "image.data": Rule("carried", "as a `data:` URL"),
    "image.url": CARRIED,
    "image.file": Rule("refused", "images have no file ids in this dialect"),
    "image.detail": CARRIED,
    "audio.data": Rule("carried", "`input_audio`"),
    "audio.url": Rule("carried", "`audio_url`, " + ADDED),
    "video.data": Rule("carried", "`video_url` with a `data:` URL, " + ADDED),
    "video.url": Rule("carried", "`video_url`, " + ADDED),
    "document.data": Rule("carried", "`file`"),
    "document.url": Rule("carried", "`file` with the URL in it, or `document_url` or `file_url`: " + ADDED),
    "document.file": CARRIED,
    "document.text": Rule("emulated", "as a text part, within a `document` tag that has its name"),
    "citations": Rule("refused", "providers of this dialect cite documents only of their own accord"),
    "thinking": Rule(
        "carried",
        "as `reasoning_content` or a provider's name for it, with signatures in `reasoning_details`; signatures of "
        "another dialect stay out, and all of it where a provider takes no thoughts: its models never see them",
    ),
    "tools": CARRIED,
    "tools.strict": CARRIED,
    "tools.custom": CARRIED,
    "tool_result.error": Rule("emulated", "the result begins with `Error: `"),
    "tool_result.image": Rule("emulated", "in a user message after the results"),
    "tool_result.document": Rule("emulated", "in a user message after the results"),
    "tool_choice.auto": CARRIED,
    "tool_choice.none": CARRIED,
    "tool_choice.required": CARRIED,
    "tool_choice.named": CARRIED,
    "parallel_tool_calls": CARRIED,
    "format.json": CARRIED,
    "format.schema": CARRIED,
    "format.strict": CARRIED,
    "reasoning.effort": Rule("carried", "as `reasoning_effort`, or in a provider's own way"),
    "reasoning.budget": Rule(
        "emulated",
        "0 is `none`, up to 2048 `low`, up to 8192 `medium`, beyond that `high`; -1 is left to the model. As tokens "
        "where a provider counts them",
    ),
    "reasoning.adaptive": Rule("emulated", "the effort is left to the model, which is what this dialect does unasked"),
    "reasoning.show": Rule("hint", "thoughts come where the provider shows them; a client that wants none gets none"),
    "cache": Rule("hint", "providers cache by themselves; written where a provider reads the markers"),
}

RULES: Final[Rules] = {**PARAMETERS, **FEATURES}

HINTS: Final = frozenset(
    [
        "user",
        "safety_identifier",
        "metadata",
        "service_tier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "cache",
        "thinking",
    ]
)
"""What may be left out where a provider refuses it: what the model says is not changed by it."""

DEFAULTS: Final[dict[str, object]] = {
    "n": 1,
    "store": False,
    "logprobs": False,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "repetition_penalty": 1,
    "min_p": 0,
    "modalities": ["text"],
    "truncation": "disabled",
    "verbosity": "medium",
    "service_tier": "auto",
}
"""Values that ask for nothing: where the parameter is refused, its absence says the same."""
