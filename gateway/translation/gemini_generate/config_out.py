"""What is asked of the answer, as generationConfig and the members beside it."""

from collections.abc import Callable
from typing import Any, Final

from gateway.conversation.request import Conversation, Format
from gateway.translation.asked import thinking
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.outgoing import Outgoing
from gateway.translation.gemini_generate.reasoning import write_reasoning
from gateway.translation.gemini_generate.words import TIERS

RENAMED: Final = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "stop": "stopSequences",
    "seed": "seed",
    "n": "candidateCount",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
}
"""Members of generationConfig, their values as they are."""


def write_config(asked: Conversation, out: Outgoing, look: str) -> Json:
    """The generationConfig; `look` is how closely images shall be looked at where parts cannot say it."""
    config: Json = {}
    for name, google in RENAMED.items():
        if name in asked.parameters and out.allows(name):
            limit = out.quirks.limit if name == "max_tokens" else ""
            config[limit or out.quirks.renames.get(name, google)] = asked.parameters[name]
    if "modalities" in asked.parameters and out.allows("modalities"):
        config["responseModalities"] = [str(one).upper() for one in asked.parameters["modalities"]]
    if look:
        config["mediaResolution"] = f"MEDIA_RESOLUTION_{look.upper()}"
    if asked.format is not None:
        config.update(_format(asked.format, out))
    wish = thinking(asked)
    if wish is not None and (written := write_reasoning(wish, out)):
        config["thinkingConfig"] = written
    return config


def _format(form: Format, out: Outgoing) -> Json:
    """The form of the answer; the schema's description goes where the model reads it."""
    if not out.allows(f"format.{form.kind}"):
        return {}
    if form.schema is not None and not out.quirks.json_schema:
        out.losses.lose("format.schema")
        return {}
    if form.strict:
        out.allows("format.strict")
    written: Json = {"responseMimeType": "application/json"}
    if form.schema is not None:
        described = {"description": form.description} if form.description else {}
        written["responseJsonSchema"] = {**described, **form.schema}
    return written


def write_beside(asked: Conversation, out: Outgoing) -> Json:
    """The parameters that stand beside generationConfig, and an account of all that have no place."""
    body: Json = {}
    for name, value in asked.parameters.items():
        if name in RENAMED or name == "modalities":
            continue
        write = BESIDE.get(name)
        if write is None:
            out.allows(name)
        else:
            body.update(write(value, out))
    return body


def _safety(value: Any, out: Outgoing) -> Json:  # noqa: ANN401 - Google's own form
    """Thresholds by category."""
    return {"safetySettings": value} if out.allows("safety_settings") else {}


def _labels(value: Any, out: Outgoing) -> Json:  # noqa: ANN401 - an object of strings
    """Labels for the bill, for clients of this dialect: other clients' words may have forms that Google refuses."""
    if out.own:
        return {"labels": value}
    out.allows("metadata")
    return {}


def _store(value: Any, out: Outgoing) -> Json:  # noqa: ANN401 - true or false
    """Whether AI Studio may log the call, for clients of this dialect."""
    if out.own:
        return {"store": value}
    out.allows("store")
    return {}


def _tier(value: Any, out: Outgoing) -> Json:  # noqa: ANN401 - a string
    """The tier under Google's name."""
    if not out.allows("service_tier") or value == "auto":
        return {}
    return {"serviceTier": TIERS.get(value, value)}


def _truncation(value: Any, out: Outgoing) -> Json:  # noqa: ANN401 - a string
    """Nothing: `disabled` is what Google does anyway."""
    if value != "disabled":
        out.allows("truncation")
    return {}


def _nothing(value: Any, out: Outgoing) -> Json:  # noqa: ANN401 - an object
    """Nothing here: it is one of the tools."""
    return {}


BESIDE: Final[dict[str, Callable[[Any, Outgoing], Json]]] = {
    "safety_settings": _safety,
    "metadata": _labels,
    "store": _store,
    "service_tier": _tier,
    "truncation": _truncation,
    "web_search_options": _nothing,
}
