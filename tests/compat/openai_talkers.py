"""OpenAI's SDK: chat completions and responses."""

import contextlib
from collections.abc import Iterator
from typing import Any

import openai

from tests.compat.heard import Heard, at, failure, known
from tests.compat.talker import KEY, Talker, partly
from tests.compat.told import Told, Voice
from tests.translation.openai_chat import plain


class OpenAI(Talker):
    """What OpenAI's two dialects share."""

    def __init__(self, url: str) -> None:
        self.sdk = openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)

    @contextlib.contextmanager
    def caught(self, heard: Heard) -> Iterator[None]:
        try:
            yield
        except openai.APIStatusError as error:
            text = error.body.get("message") if isinstance(error.body, dict) else error.body
            heard.error = (type(error).__name__, error.status_code, text or error.message)
        except openai.APIError as error:
            heard.error = (type(error).__name__, 0, error.message)

    def broken(self, said: Told, message: str) -> Heard:
        if not said.begun:
            return Heard([], None, (failure(said), said.status, message))
        return Heard(partly(said), None, ("APIError", 0, message))


class Chat(OpenAI):
    """`client.chat.completions`."""

    dialect = "openai_chat"
    own = {
        "in": "prompt_tokens",
        "out": "completion_tokens",
        "cached": "prompt_tokens_details.cached_tokens",
        "thought": "completion_tokens_details.reasoning_tokens",
    }
    reasons = {
        "stop": "stop",
        "stop_sequence": "stop",
        "length": "length",
        "tool_use": "tool_calls",
        "content_filter": "content_filter",
        "pause": "stop",
        "": "stop",
    }

    def several(self, voices: list[Voice]) -> list[Voice]:
        return voices

    def counted(self, said: Told) -> dict[str, int] | None:
        used = said.usage
        if used is None:
            return None
        return known(
            {
                "in": used.input_tokens,
                "out": used.output_tokens,
                "cached": used.input_cached_tokens,
                "thought": used.output_reasoning_tokens,
            }
        )

    def whole(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        done = self.sdk.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Hi"}], extra_headers=headers
        )
        for choice in done.choices:
            said = choice.message.model_dump(warnings=False)
            found = [(call[2], call[0], call[1]) for call in plain.calls(said)]
            heard.voices.append(self.spoken(said, found, choice.finish_reason))
        heard.usage = self.read(done.usage)

    def read(self, usage: Any) -> dict[str, int] | None:
        if usage is None:
            return None
        return known({name: at(usage.model_dump(warnings=False), path) for name, path in self.own.items()})

    def spoken(self, said: dict[str, Any], found: list[Any], word: str | None) -> Voice:
        text, refusal = plain.words(said.get("content"), "text"), said.get("refusal") or ""
        thinking = plain.thoughts(said) if self.passed else said.get("reasoning_content") or ""
        return Voice(text, refusal, thinking, found, reason=word or "")

    def streamed(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        deltas: dict[int, list[dict[str, Any]]] = {}
        words: dict[int, str] = {}
        counted = None
        try:
            stream = self.sdk.chat.completions.create(
                model=model,
                messages=[{"role": "user", "content": "Hi"}],
                stream=True,
                stream_options={"include_usage": True},
                extra_headers=headers,
            )
            for chunk in stream:
                counted = chunk.usage or counted
                for choice in chunk.choices or ():
                    deltas.setdefault(choice.index, []).append(
                        choice.delta.model_dump(warnings=False) if choice.delta else {}
                    )
                    words[choice.index] = choice.finish_reason or words.get(choice.index, "")
        finally:
            for index in sorted(deltas):
                every = [self.spoken(one, [], "") for one in deltas[index]]
                found = [(call[2], call[0], call[1]) for call in plain.streamed_calls(deltas[index])]
                joined = ("".join(getattr(one, name) for one in every) for name in ("text", "refusal", "thinking"))
                heard.voices.append(Voice(*joined, found, reason=words[index]))
            heard.usage = self.read(counted)


class Responses(OpenAI):
    """`client.responses`."""

    dialect = "openai_responses"
    own = {
        "in": "input_tokens",
        "out": "output_tokens",
        "cached": "input_tokens_details.cached_tokens",
        "thought": "output_tokens_details.reasoning_tokens",
    }
    reasons = {
        "stop": "completed",
        "stop_sequence": "completed",
        "length": "max_output_tokens",
        "tool_use": "completed",
        "content_filter": "content_filter",
        "pause": "incomplete",
        "": "completed",
    }
    counted = Chat.counted
    read = Chat.read

    def whole(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        self.hear(heard, self.sdk.responses.create(model=model, input="Hi", extra_headers=headers))

    def hear(self, heard: Heard, done: Any) -> None:
        word = done.incomplete_details.reason if done.incomplete_details else None
        voice = Voice(reason=word or done.status)
        for item in done.output:
            if item.type == "message":
                voice.text += "".join(one.text for one in item.content if one.type == "output_text")
                voice.refusal += "".join(one.refusal for one in item.content if one.type == "refusal")
            elif item.type == "reasoning":
                voice.thinking += "\n\n".join(one.text for one in item.content or item.summary)
            elif item.type == "function_call":
                voice.calls.append((item.call_id, item.name, item.arguments))
        heard.voices, heard.usage = [voice], self.read(done.usage)

    def streamed(self, heard: Heard, model: str, headers: dict[str, str]) -> None:
        pieces = {"response.output_text.delta": "", "response.function_call_arguments.delta": ""}
        voice, last = Voice(), None
        stream = self.sdk.responses.create(model=model, input="Hi", stream=True, extra_headers=headers)
        heard.voices = [voice]
        for event in stream:
            if event.type in pieces:
                pieces[event.type] += event.delta
            if event.type == "response.output_text.delta":
                voice.text += event.delta
            elif event.type in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
                voice.thinking += event.delta
            elif event.type == "error":
                # Of OpenAI's own form the SDK makes no exception.
                heard.error = ("APIError", 0, event.message)
                return
            elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                last = event.response
        assert last is not None, "a response has an end"
        self.hear(heard, last)
        if self.passed:
            return
        (done,) = heard.voices
        assert pieces["response.output_text.delta"] == done.text, "the pieces are the whole"
        assert pieces["response.function_call_arguments.delta"] == "".join(call[2] for call in done.calls)
