"""A whole answer for a client of this dialect: the Response object, as the official SDK has it."""

from typing import Final

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json
from gateway.translation.openai_responses import logprobs
from gateway.translation.openai_responses.answers_in import ECHOED
from gateway.translation.openai_responses.citations import write_citation
from gateway.translation.openai_responses.counts import write_usage
from gateway.translation.openai_responses.frame import frame
from gateway.translation.openai_responses.outcome import write_outcome
from gateway.translation.openai_responses.own import NAME, make_id
from gateway.translation.openai_responses.thoughts import seal, seal_call, write_thinking

PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "image_generation_call": "ig",
}

TIERS: Final = ("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")

SAME_TIERS: Final = {"standard": "default", "on_demand": "default"}
"""Others' words for the tier that is here called `default`."""


def write_answer(completion: Completion, conversation: Conversation) -> Json:
    """The Response; of several candidates the first, since there is no place for more."""
    candidate = completion.candidates[0] if completion.candidates else Candidate()
    said = frame(conversation, completion.id, completion.model, completion.created)
    refused = any(isinstance(part, Refusing) for part in candidate.parts)
    said |= write_outcome(candidate.reason, candidate.native_reason, refused=refused)
    said["output"] = Output(said["id"], whole=said["status"] != "incomplete").items_of(candidate)
    said["usage"] = write_usage(completion.usage)
    said |= besides(completion.service_tier, completion.fingerprint)
    extras = {name: value for name, value in completion.extras.items() if name not in ECHOED}
    return {**extras, **said, **_error(completion, said)}


def besides(service_tier: str, fingerprint: str) -> Json:
    """Members that are there only if the provider said them; the fingerprint has its name of another dialect.

    A tier for which this dialect has no word is left out: some SDKs refuse an answer with an unknown one.
    """
    found: Json = {}
    tier = SAME_TIERS.get(service_tier, service_tier)
    if tier in TIERS:
        found["service_tier"] = tier
    if fingerprint:
        found["system_fingerprint"] = fingerprint
    return found


def _error(completion: Completion, said: Json) -> Json:
    """The provider's own error of a failed response."""
    error = completion.extras.get("error")
    return {"error": error} if said["status"] == "failed" and isinstance(error, dict) else {}


class Ids:
    """The ids of one answer's items: the SDK's accumulator refuses two items of a kind with the same."""

    def __init__(self, response: str) -> None:
        self.response = response
        self.given: set[str] = set()

    def give(self, prefix: str, wish: str, index: int) -> str:
        """The wish if it is one and nobody has it, else an id that is made for the place in the output."""
        id = wish if wish and wish not in self.given else make_id(prefix, f"{self.response}/{index}")
        self.given.add(id)
        return id

    def named(self, item: Json, index: int) -> Json:
        """The item with an id; a provider's own item of an unknown kind stays as it is."""
        prefix = PREFIXES.get(item.get("type", ""))
        if prefix is None:
            return item
        wish = item.get("id") or ""
        id = self.give(prefix, wish, index)
        return item if id == wish else {**item, "id": id}


class Output:
    """The items of an answer, as parts are added; words that follow one another are one message."""

    def __init__(self, response: str, *, whole: bool) -> None:
        self.whole = whole
        self.items: list[Json] = []
        self.ids = Ids(response)

    def items_of(self, candidate: Candidate) -> list[Json]:
        """All items of a candidate."""
        texts = [part.text for part in candidate.parts if isinstance(part, Text)]
        shares = iter(logprobs.shared_out(logprobs.entries_of(candidate.logprobs), texts))
        fresh = True
        for part in candidate.parts:
            if isinstance(part, Text | Refusing):
                if fresh:
                    self.add({"type": "message", "status": "completed", "role": "assistant", "content": []})
                self.items[-1]["content"].append(content_of(part, next(shares) if isinstance(part, Text) else []))
                fresh = False
                continue
            before = len(self.items)
            for item in items_of(part):
                self.add(item)
            fresh = fresh or len(self.items) > before
        if not self.whole and self.items and self.items[-1].get("type") == "message":
            self.items[-1]["status"] = "incomplete"
        return self.items

    def add(self, item: Json) -> None:
        """Append an item, with an id of its own."""
        self.items.append(self.ids.named(item, len(self.items)))


def content_of(part: Text | Refusing, tokens: list[Json]) -> Json:
    """One content of a message."""
    if isinstance(part, Refusing):
        return {"type": "refusal", "refusal": part.text}
    return {
        "type": "output_text",
        "annotations": [write_citation(citation) for citation in part.citations],
        "logprobs": tokens,
        "text": part.text,
    }


def items_of(part: Part) -> list[Json]:
    """The items of a part that is no words; none where this dialect has no place for it."""
    if isinstance(part, Thinking):
        return [thinking_item(part)]
    if isinstance(part, ToolUse):
        return [call_item(part), *([seal_call(part)] if part.signature else [])]
    if isinstance(part, Native) and part.dialect == NAME and isinstance(part.value, dict):
        return [part.value]
    if isinstance(part, Media) and part.kind == "image" and part.data:
        return [image_item(part)]
    return []


def thinking_item(thinking: Thinking) -> Json:
    """A reasoning item with all that a client must send back."""
    item = write_thinking(thinking)
    if thinking.id:
        item = {"id": thinking.id, **item}
    sealed = seal(thinking)
    return {**item, "encrypted_content": sealed} if sealed else item


def call_item(call: ToolUse) -> Json:
    """A tool call; no arguments are an empty object, since clients parse them."""
    if call.custom:
        return {"type": "custom_tool_call", "call_id": call.id, "name": call.name, "input": call.arguments}
    return {
        "type": "function_call",
        "status": "completed",
        "arguments": call.arguments or "{}",
        "call_id": call.id,
        "name": call.name,
    }


def image_item(image: Media) -> Json:
    """A picture as the tool for pictures gives it, which is the only place for one."""
    item: Json = {"type": "image_generation_call", "status": "completed", "result": image.data}
    if image.mime.startswith("image/"):
        item["output_format"] = image.mime.removeprefix("image/")
    return item
