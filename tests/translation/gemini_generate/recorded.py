"""The recorded exchanges of this dialect, and what they say by a plain walk over their JSON."""

import json
from typing import Any

from gateway.wire import json_array, sse
from tests import corpus


def exchanges() -> list[corpus.Exchange]:
    return [one for one in corpus.exchanges() if one.surface == "generateContent"]


def counted() -> list[corpus.Exchange]:
    return [one for one in corpus.exchanges() if one.surface == "countTokens"]


def asked(exchange: corpus.Exchange) -> dict[str, Any]:
    """The request with model and method from its URL, as the caller puts them in."""
    model = exchange.url.partition("/models/")[2].partition(":")[0]
    return {**json.loads(exchange.request_body), "model": model, "stream": exchange.stream}


def chunks(exchange: corpus.Exchange) -> list[bytes]:
    """The events of a stream, be it of server-sent events or one JSON array."""
    if exchange.body.lstrip().startswith(b"["):
        splitter = json_array.Splitter()
        return [one for piece in exchange.chunks for one in splitter.feed(piece)]
    splitter = sse.Splitter()
    return [event.text for piece in exchange.chunks for event in splitter.feed(piece)]


class Told:
    """What an answer says, whole or in chunks."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.text, self.thoughts, self.signatures = "", "", []
        self.calls: list[tuple[str, str | None, Any, str]] = []
        self.others: list[str] = []
        self.usage: dict[str, Any] = {}
        self.reason: Any = ""
        for answer in answers:
            self.usage.update(answer.get("usageMetadata", {}))
            for candidate in answer.get("candidates", ()):
                self.reason = candidate.get("finishReason", self.reason)
                for part in candidate.get("content", {}).get("parts", ()):
                    self.part(part)
        self.model, self.id = answers[0].get("modelVersion", ""), answers[0].get("responseId", "")

    def part(self, part: dict[str, Any]) -> None:
        signature = part.get("thoughtSignature", "")
        if "functionCall" in part:
            call = part["functionCall"]
            self.calls.append((call["name"], call.get("id"), call.get("args"), signature))
        elif "text" in part:
            if part.get("thought"):
                self.thoughts += part["text"]
            else:
                self.text += part["text"]
            if signature:
                self.signatures.append(signature)
        else:
            self.others.append(next(name for name in part if name != "thoughtSignature"))

    def tokens(self) -> tuple[int | None, int | None, int | None, int | None]:
        """In, out, cached, thought."""
        used = self.usage.get

        def total(*names: str) -> int | None:
            return sum(used(name) or 0 for name in names) if any(name in self.usage for name in names) else None

        return (
            total("promptTokenCount", "toolUsePromptTokenCount"),
            total("candidatesTokenCount", "thoughtsTokenCount"),
            used("cachedContentTokenCount"),
            used("thoughtsTokenCount"),
        )
