"""Google's SDK for Gemini."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from google import genai
from google.genai import errors, types

from tests.compat.heard import Heard, folded, known
from tests.compat.talker import KEY, Talker, partly
from tests.compat.told import Told, Voice


class Generate(Talker):
    """`client.models`."""

    dialect = "gemini_generate"
    own = {
        "in": "promptTokenCount",
        "out": "candidatesTokenCount",
        "cached": "cachedContentTokenCount",
        "thought": "thoughtsTokenCount",
    }
    reasons = {
        "stop": "STOP",
        "stop_sequence": "STOP",
        "length": "MAX_TOKENS",
        "tool_use": "STOP",
        "content_filter": "SAFETY",
        "pause": "OTHER",
        "": "STOP",
    }

    def __init__(self, url: str) -> None:
        once = types.HttpRetryOptions(attempts=1)
        options = types.HttpOptions(base_url=url, api_version="v1beta", retry_options=once)
        self.sdk = genai.Client(api_key=KEY, http_options=options)

    @contextlib.contextmanager
    def caught(self, heard: Heard) -> Iterator[None]:
        try:
            yield
        except errors.APIError as error:
            heard.error = (type(error).__name__, error.code, error.message or "")

    def several(self, voices: list[Voice]) -> list[Voice]:
        return voices

    def voice(self, one: Voice, *, passed: bool) -> Voice:
        wish = folded(super().voice(one, passed=passed))
        return replace(wish, calls=one.calls)

    def broken(self, said: Told, message: str) -> Heard:
        status = said.status or 502
        name = "ServerError" if status >= 500 else "ClientError"
        return Heard([folded(one) for one in partly(said)], None, (name, status, message))

    def counted(self, said: Told) -> dict[str, int] | None:
        used = said.usage
        if used is None:
            return None
        thought = used.output_reasoning_tokens or 0
        return known(
            {
                "in": used.input_tokens,
                "out": max(0, (used.output_tokens or 0) - thought),
                "cached": used.input_cached_tokens,
                "thought": thought,
            }
        )

    def asked(self, model: str, headers: dict[str, str]) -> dict[str, Any]:
        config = types.GenerateContentConfig(http_options=types.HttpOptions(headers=headers))
        return {"model": model, "contents": "Hi", "config": config}

    def whole(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        self.hear(heard, [self.sdk.models.generate_content(**self.asked(model, headers))])

    def streamed(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        chunks: list[Any] = []
        try:
            chunks.extend(self.sdk.models.generate_content_stream(**self.asked(model, headers)))
        finally:
            self.hear(heard, chunks)

    def hear(self, heard: Heard, chunks: list[Any]) -> None:
        voices: dict[int, Voice] = {}
        used: dict[str, Any] = {}
        for chunk in chunks:
            if chunk.usage_metadata is not None:
                used |= chunk.usage_metadata.model_dump(by_alias=True, exclude_none=True)
            for candidate in chunk.candidates or ():
                voice = voices.setdefault(candidate.index or 0, Voice())
                if candidate.finish_reason is not None:
                    voice.reason = candidate.finish_reason.name
                for part in (candidate.content and candidate.content.parts) or ():
                    self.part(voice, part)
        heard.voices = [voices[index] for index in sorted(voices)]
        heard.usage = known({name: used.get(path) for name, path in self.own.items()}) if used else None

    @staticmethod
    def part(voice: Voice, part: Any) -> None:
        if part.function_call is not None:
            call = part.function_call
            voice.calls.append((call.id or "", call.name, json.dumps(call.args or {})))
        elif part.thought:
            voice.thinking += part.text or ""
        else:
            voice.text += part.text or ""
