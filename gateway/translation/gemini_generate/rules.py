"""What becomes of each thing that a client may ask for, when it goes to Google."""

from typing import Final

from gateway.conversation.losses import CARRIED, ONE_CALL, REFUSED, Rule, Rules


def _renamed(name: str) -> Rule:
    """The same thing under another name."""
    return Rule("renamed", name)


def _emulated(how: str) -> Rule:
    """The same effect by other means."""
    return Rule("emulated", how)


def _hint(why: str) -> Rule:
    """What does not change the answer."""
    return Rule("hint", why)


RULES: Final[Rules] = {
    "max_tokens": _renamed("maxOutputTokens"),
    "temperature": CARRIED,
    "top_p": _renamed("topP"),
    "top_k": _renamed("topK"),
    "min_p": REFUSED,
    "stop": _renamed("stopSequences"),
    "seed": CARRIED,
    "n": _renamed("candidateCount"),
    "frequency_penalty": _renamed("frequencyPenalty"),
    "presence_penalty": _renamed("presencePenalty"),
    "repetition_penalty": REFUSED,
    "logprobs": _renamed("responseLogprobs"),
    "top_logprobs": _renamed("logprobs"),
    "logit_bias": REFUSED,
    "user": _hint("names the end user; Google does not ask"),
    "safety_identifier": _hint("names the end user; Google does not ask"),
    "metadata": _hint("for the bill; labels of this dialect's own clients are written"),
    "service_tier": _emulated("serviceTier: default is standard; auto is not written; others keep their name"),
    "store": _hint("keeps the answer at the provider; the field of this dialect's own clients is written"),
    "prompt_cache_key": _hint("Google's implicit cache needs no key"),
    "prompt_cache_retention": _hint("Google's implicit cache has no setting"),
    "verbosity": REFUSED,
    "modalities": _renamed("responseModalities"),
    "audio": Rule("refused", "Google's voices and its one form of sound are others"),
    "prediction": REFUSED,
    "web_search_options": _emulated("the tool googleSearch; how much to read is Google's choice"),
    "previous_response_id": Rule("refused", "Google keeps no conversations here"),
    "truncation": Rule("refused", "`auto`; `disabled` is what Google does"),
    "safety_settings": _renamed("safetySettings"),
    "system": _renamed("systemInstruction"),
    "developer": _emulated("systemInstruction, in order with system messages"),
    "system_later": _emulated("joins systemInstruction"),
    "name": REFUSED,
    "image.data": _renamed("inlineData"),
    "image.url": _renamed("fileData.fileUri; the type is told by the ending where the client does not say"),
    "image.file": _renamed("fileData.fileUri; a bare id is one of Google's Files API"),
    "image.detail": _emulated("mediaResolution of the part for Gemini 3, else of the request: the closest look wins"),
    "audio.data": _renamed("inlineData"),
    "audio.url": _renamed("fileData.fileUri"),
    "video.data": _renamed("inlineData"),
    "video.url": _renamed("fileData.fileUri"),
    "document.data": _renamed("inlineData; the file's name is left out"),
    "document.url": _renamed("fileData.fileUri"),
    "document.file": _renamed("fileData.fileUri; a bare id is one of Google's Files API"),
    "document.text": _emulated("inlineData of type text/plain"),
    "citations": REFUSED,
    "thinking": _emulated(
        "parts with thought: true and Google's own signatures; another maker's signatures and encrypted thoughts are "
        "of no use to Google and stay behind; a Gemini 3 call of the current turn without a signature of Google's gets "
        "the documented skip_thought_signature_validator"
    ),
    "tools": _renamed("tools.functionDeclarations with parametersJsonSchema"),
    "tools.strict": _emulated("the mode VALIDATED, with which Google holds every function to its schema"),
    "tools.custom": REFUSED,
    "tool_result.error": _emulated("functionResponse.response.error"),
    "tool_result.image": _emulated("functionResponse.parts for Gemini 3, else in a user message after the results"),
    "tool_result.document": _emulated("functionResponse.parts for Gemini 3, else in a user message after the results"),
    "tool_choice.auto": _renamed("mode AUTO"),
    "tool_choice.none": _renamed("mode NONE"),
    "tool_choice.required": _renamed("mode ANY"),
    "tool_choice.named": _emulated("mode ANY with one of allowedFunctionNames"),
    "parallel_tool_calls": Rule("emulated", ONE_CALL),
    "format.json": _renamed("responseMimeType"),
    "format.schema": _renamed("responseJsonSchema"),
    "format.strict": _emulated("Google always enforces the schema"),
    "reasoning.effort": _emulated(
        "thinkingLevel for Gemini 3 (xhigh and max are HIGH, minimal is LOW for its Pro models), else thinkingBudget: "
        "none 0, minimal and low 1024, medium 8192, high 24576, xhigh and max 32768 for Pro models and 24576 for "
        "others; none is refused for models that cannot but think, the rest for those that cannot think"
    ),
    "reasoning.budget": _renamed("thinkingBudget; at most what the model takes; 0 is refused as `none` is"),
    "reasoning.adaptive": _emulated("thinkingBudget -1; Gemini 3 does it unasked"),
    "reasoning.show": _renamed("includeThoughts"),
    "cache": _hint("Google's implicit cache needs no markers"),
}
