"""Anthropic's SDK."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anthropic

from tests.compat.heard import Heard, at, failure, folded, known
from tests.compat.talker import KEY, Talker, partly
from tests.compat.told import Told, Voice


class Messages(Talker):
    """Its streams are put together by the SDK itself."""

    dialect = "anthropic_messages"
    own = {
        "in": "input_tokens",
        "out": "output_tokens",
        "cached": "cache_read_input_tokens",
        "written": "cache_creation_input_tokens",
        "thought": "output_tokens_details.thinking_tokens",
    }
    reasons = {
        "stop": "end_turn",
        "stop_sequence": "stop_sequence",
        "length": "max_tokens",
        "tool_use": "tool_use",
        "content_filter": "refusal",
        "pause": "pause_turn",
        "": "end_turn",
    }

    def __init__(self, url: str) -> None:
        self.sdk = anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0)

    @contextlib.contextmanager
    def caught(self, heard: Heard) -> Iterator[None]:
        try:
            yield
        except anthropic.APIStatusError as error:
            body = error.body if isinstance(error.body, dict) else {}
            heard.error = (type(error).__name__, error.status_code, at(body, "error.message") or error.message)

    def broken(self, said: Told, message: str) -> Heard:
        if not said.begun:
            return Heard([], None, (failure(said), said.status, message))
        return Heard([folded(one) for one in partly(said)], None, ("APIStatusError", 200, message))

    def voice(self, one: Voice, *, passed: bool) -> Voice:
        wish = folded(super().voice(one, passed=passed))
        return replace(wish, reason="refusal") if one.refusal and not passed else wish

    def uncounted(self) -> dict[str, int]:
        return {}

    def counted(self, said: Told) -> dict[str, int]:
        used = said.usage
        if used is None:
            return {}
        read, written = used.input_cached_tokens or 0, used.input_cache_write_tokens or 0
        return known(
            {
                "in": max(0, (used.input_tokens or 0) - read - written),
                "out": used.output_tokens,
                "cached": read,
                "written": written,
                "thought": used.output_reasoning_tokens,
            }
        )

    def asked(self, model: str, headers: dict[str, str]) -> dict[str, Any]:
        hi = [{"role": "user", "content": "Hi"}]
        return {"model": model, "max_tokens": 64, "messages": hi, "extra_headers": headers}

    def whole(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        self.hear(heard, self.sdk.messages.create(**self.asked(model, headers)))

    def streamed(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        with self.sdk.messages.stream(**self.asked(model, headers)) as stream:
            try:
                stream.until_done()
            finally:
                with contextlib.suppress(AssertionError):
                    self.hear(heard, stream.current_message_snapshot)

    def hear(self, heard: Heard, done: Any) -> None:
        voice = Voice(reason=done.stop_reason or "")
        for block in done.content:
            if block.type == "text":
                voice.text += block.text
            elif block.type == "thinking":
                voice.thinking += block.thinking
            elif block.type == "tool_use":
                voice.calls.append((block.id, block.name, json.dumps(block.input)))
        counts = done.usage.model_dump(warnings=False)
        heard.voices = [voice]
        heard.usage = known({name: at(counts, path) for name, path in self.own.items()})
