"""The whole answer of Cohere's v2 chat (https://docs.cohere.com/reference/chat)."""

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Part, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.cohere_chat.pieces import citations, logprobs, reason, usage
from gateway.translation.cohere_chat.turns import NAME
from gateway.translation.values import soft


def read_answer(answer: Json) -> Completion:
    """The completion; Cohere repeats no model."""
    message = soft(answer.get("message"), dict, {})
    word = soft(answer.get("finish_reason"), str, "")
    plan = soft(message.get("tool_plan"), str, "")
    parts: list[Part] = [Thinking(plan, maker=NAME)] if plan else []
    parts += _content(message)
    parts += [_call(call) for call in soft(message.get("tool_calls"), list, []) if isinstance(call, dict)]
    said = logprobs(answer.get("logprobs"))
    return Completion(
        soft(answer.get("id"), str, ""),
        candidates=[Candidate(parts, reason(word) if word else None, word, logprobs=said)],
        usage=usage(answer.get("usage")),
    )


def _content(message: Json) -> list[Part]:
    """Words and thoughts, each text with its citations, which stand beside the content."""
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    found = {index: part for index, block in enumerate(soft(content, list, [])) if (part := _block(block)) is not None}
    texts = {index: part for index, part in found.items() if isinstance(part, Text)}
    for given in soft(message.get("citations"), list, []):
        index = given.get("content_index") if isinstance(given, dict) else None
        text = texts.get(index) if type(index) is int else next(iter(texts.values()), None)
        if text is not None:
            text.citations += citations(given)
    return list(found.values())


def _block(block: object) -> Part | None:
    """One block of content; None where it is empty or new to us."""
    if not isinstance(block, dict):
        return None
    text, thinking = soft(block.get("text"), str, ""), soft(block.get("thinking"), str, "")
    if text:
        return Text(text)
    return Thinking(thinking, maker=NAME) if thinking else None


def _call(call: Json) -> ToolUse:
    """A tool call."""
    function = soft(call.get("function"), dict, {})
    name, arguments = soft(function.get("name"), str, ""), soft(function.get("arguments"), str, "")
    return ToolUse(soft(call.get("id"), str, ""), name, arguments or "{}")
