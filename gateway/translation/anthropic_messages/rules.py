"""What becomes of each thing on its way to a provider of this dialect."""

from typing import Final

from gateway.conversation.losses import CARRIED, REFUSED, Rule, Rules

HINT: Final = Rule("hint", "changes nothing of what the model says")

RULES: Final[Rules] = {
    "max_tokens": Rule(
        "carried",
        "where the client gave none, 8192 is written, for the API insists on one: 8192 above a budget for thinking, "
        "32,000 where the model decides how long to think, and never more than it can write",
    ),
    "temperature": Rule(
        "carried", "0 to 1; only 1 while thinking is asked for; from version 4.7 on models take none but 1"
    ),
    "top_p": Rule("carried", "with temperature or alone, as the model takes it; from version 4.7 on none but 1"),
    "top_k": Rule("carried", "not while thinking is asked for, nor from version 4.7 on"),
    "min_p": REFUSED,
    "stop": Rule("renamed", "stop_sequences; none that is only blanks"),
    "seed": REFUSED,
    "n": Rule("refused", "one answer at a time; 1 is fine"),
    "frequency_penalty": Rule("refused", "0 is fine"),
    "presence_penalty": Rule("refused", "0 is fine"),
    "repetition_penalty": Rule("refused", "1 is fine"),
    "logprobs": Rule("refused", "the API has none; false is fine"),
    "top_logprobs": REFUSED,
    "logit_bias": REFUSED,
    "user": Rule("renamed", "metadata.user_id"),
    "safety_identifier": Rule("renamed", "metadata.user_id, where `user` is not given"),
    "metadata": HINT,
    "service_tier": Rule("carried", "auto; default becomes standard_only; there are no others"),
    "store": HINT,
    "prompt_cache_key": HINT,
    "prompt_cache_retention": HINT,
    "verbosity": Rule("refused", "medium is fine"),
    "modalities": Rule("refused", "text is fine"),
    "audio": REFUSED,
    "prediction": Rule("hint", "it only makes the answer come sooner"),
    "web_search_options": Rule("refused", "search is a tool of the provider's own here"),
    "previous_response_id": Rule("refused", "nothing is kept between calls"),
    "truncation": Rule("refused", "disabled is fine"),
    "safety_settings": REFUSED,
    "system": Rule(
        "renamed", "the top-level system; where nothing else was said, the words are sent as the user's instead"
    ),
    "developer": Rule("emulated", "as system text, in its order"),
    "system_later": Rule(
        "emulated",
        "joined to the end of the system prompt, as the maker's own OpenAI-compatible endpoint does; few models, and "
        "not on every platform, take them in place",
    ),
    "name": Rule("refused", "turns have no author but their role"),
    "image.data": CARRIED,
    "image.url": CARRIED,
    "image.file": CARRIED,
    "image.detail": Rule("hint", "an image is always looked at as closely as its size allows"),
    "audio.data": REFUSED,
    "audio.url": REFUSED,
    "video.data": REFUSED,
    "video.url": REFUSED,
    "document.data": Rule("carried", "PDF, and text, which is decoded"),
    "document.url": CARRIED,
    "document.file": CARRIED,
    "document.text": CARRIED,
    "citations": CARRIED,
    "thinking": Rule("emulated", "the maker's own go back; others' are left out, since only their maker can use them"),
    "tools": CARRIED,
    "tools.strict": Rule("carried", "from Claude 4.1 on"),
    "tools.custom": Rule("refused", "tools take JSON"),
    "tool_result.error": Rule("renamed", "is_error"),
    "tool_result.image": CARRIED,
    "tool_result.document": CARRIED,
    "tool_choice.auto": CARRIED,
    "tool_choice.none": CARRIED,
    "tool_choice.required": Rule("renamed", "any; not while a budget for thinking is asked for"),
    "tool_choice.named": Rule("renamed", "tool; not while a budget for thinking is asked for"),
    "parallel_tool_calls": Rule("renamed", "tool_choice.disable_parallel_tool_use"),
    "format.json": Rule("refused", "there is no JSON without a schema here: ask with one"),
    "format.schema": Rule(
        "renamed",
        "output_config.format, from Claude 4.1 on; objects that leave `additionalProperties` open are closed, as the "
        "API wants them",
    ),
    "format.strict": Rule("carried", "a schema is always enforced"),
    "reasoning.effort": Rule(
        "renamed",
        "output_config.effort with adaptive thinking, the next level below where the model lacks one; for models "
        "before 4.6 a budget: minimal 1024, low 4096, medium 8192, high 16384, xhigh 20000, max 23808",
    ),
    "reasoning.budget": Rule(
        "renamed",
        "thinking.budget_tokens, at least 1024 and less than max_tokens; models that think adaptively get the least "
        "effort whose budget it fits. Left out on a turn that answers a tool without the thoughts before the call",
    ),
    "reasoning.adaptive": Rule("carried", "for models before 4.6 a budget of 8192"),
    "reasoning.show": Rule("renamed", "thinking.display, where the model thinks"),
    "cache": CARRIED,
}
