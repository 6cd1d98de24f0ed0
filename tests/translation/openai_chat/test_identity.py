"""From this dialect to the neutral form and back: nothing that both know is changed on the way."""

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.events import Add, Close, Count, End, Finish, Open, Sign, Start
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC
from tests.translation.openai_chat.whole import asking, events_of, together, written

WORDS = st.text(min_size=1, max_size=8)
NAMES = st.text("abcdef_0123456789", min_size=1, max_size=8)
PROOFS = st.text("abcABC012+/=-_", min_size=4, max_size=12)
MAKERS = st.sampled_from(["openai_chat", "anthropic_messages", "gemini_generate", "openai_responses"])
OBJECTS = st.dictionaries(NAMES, st.integers(0, 9) | WORDS, max_size=3)
ARGUMENTS = OBJECTS.map(json.dumps)

TEXT = st.builds(lambda text: {"type": "text", "text": text}, WORDS)
IMAGE = st.builds(
    lambda url, detail: {"type": "image_url", "image_url": {"url": url, **detail}},
    st.sampled_from(["https://x/y.png", "data:image/png;base64,AAAA"]),
    st.sampled_from([{}, {"detail": "low"}]),
)
SOUND = st.just({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}})
FILE = st.sampled_from([{"file_id": "f"}, {"filename": "a", "file_data": "data:application/pdf;base64,AAAA"}])
CONTENT = WORDS | st.lists(
    TEXT | IMAGE | SOUND | FILE.map(lambda file: {"type": "file", "file": file}), min_size=2, max_size=3
)
CALL = st.builds(
    lambda ident, name, arguments: {
        "id": ident,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    },
    NAMES,
    NAMES,
    ARGUMENTS,
)
MESSAGE = st.one_of(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "developer"]), "content": WORDS}),
    st.fixed_dictionaries({"role": st.just("user"), "content": CONTENT}, optional={"name": NAMES}),
    st.fixed_dictionaries(
        {"role": st.just("assistant"), "content": WORDS},
        optional={"tool_calls": st.lists(CALL, min_size=1, max_size=2), "reasoning_content": WORDS, "refusal": WORDS},
    ),
    st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": NAMES, "content": WORDS}),
)
TOOL = st.builds(
    lambda name, more: {"type": "function", "function": {"name": name, **more}},
    NAMES,
    st.fixed_dictionaries({}, optional={"description": WORDS, "parameters": OBJECTS, "strict": st.booleans()}),
)
SCHEMA = st.fixed_dictionaries(
    {"name": NAMES}, optional={"description": WORDS, "schema": OBJECTS, "strict": st.booleans()}
)
NUMBERS = st.floats(-2, 2)
REQUEST = st.fixed_dictionaries(
    {"model": NAMES, "messages": st.lists(MESSAGE, max_size=5)},
    optional={
        "tools": st.lists(TOOL, min_size=1, max_size=2),
        "tool_choice": st.sampled_from(["auto", "none", "required", {"type": "function", "function": {"name": "f"}}]),
        "parallel_tool_calls": st.booleans(),
        "response_format": st.just({"type": "json_object"})
        | SCHEMA.map(lambda schema: {"type": "json_schema", "json_schema": schema}),
        "reasoning_effort": st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
        "max_completion_tokens": st.integers(1, 9),
        "stop": st.lists(WORDS, min_size=1, max_size=3),
        "temperature": NUMBERS,
        "top_p": NUMBERS,
        "top_k": st.integers(1, 9),
        "seed": st.integers(),
        "n": st.integers(1, 3),
        "logprobs": st.booleans(),
        "top_logprobs": st.integers(0, 20),
        "logit_bias": OBJECTS,
        "user": WORDS,
        "metadata": OBJECTS,
        "store": st.booleans(),
        "service_tier": st.sampled_from(["auto", "flex"]),
        "verbosity": st.sampled_from(["low", "medium"]),
        "modalities": st.just(["text", "audio"]),
        "audio": OBJECTS,
        "prediction": OBJECTS,
        "web_search_options": OBJECTS,
        "prompt_cache_key": WORDS,
        "prompt_cache_retention": WORDS,
        "safety_identifier": WORDS,
        "safe_prompt": st.booleans(),
        "provider": OBJECTS,
    },
)


@given(REQUEST)
def test_a_request_written_again_is_the_same(body):
    losses = Losses(CODEC.rules)
    assert CODEC.write_request(CODEC.read_request(body), losses, Quirks()).body == body
    assert not losses.refused
    assert not losses.hints


def signed(text, proof, maker, redacted):
    return Thinking("", "", proof, maker=maker) if redacted else Thinking(text, proof, maker=maker)


THOUGHTS = st.one_of(
    WORDS.map(lambda text: [Thinking(text)]),
    st.lists(st.builds(signed, WORDS, PROOFS, MAKERS, st.booleans()), max_size=3),
)
CALLS = st.lists(st.builds(ToolUse, NAMES, NAMES, ARGUMENTS), max_size=2, unique_by=lambda call: call.id)


@st.composite
def completions(draw):
    candidates = []
    for index in range(draw(st.integers(1, 2))):
        calls = draw(CALLS)
        said = draw(st.sampled_from([[], [Text("words")], [Refusing("no")]]))
        reason = "tool_use" if calls else draw(st.sampled_from(["stop", "length", "content_filter"]))
        native = {"tool_use": "tool_calls"}.get(reason, reason)
        candidates.append(Candidate([*draw(THOUGHTS), *said, *calls], reason, native, index=index))
    read, wrote = draw(st.integers(0, 99)), draw(st.integers(0, 99))
    usage = Usage(read, wrote, read + wrote, input_cached_tokens=draw(st.none() | st.integers(0, read)))
    return Completion(draw(NAMES), "m", 5, candidates, usage, draw(st.sampled_from(["", "flex"])), "fp")


@given(completions())
def test_an_answer_written_and_read_again_is_the_same(completion):
    body = msgspec.json.decode(msgspec.json.encode(CODEC.write_answer(completion, asking())))
    assert CODEC.read_answer(body) == completion


def events(completion):
    """The answer as a stream, a piece of a few characters at a time."""
    yield Start(completion.id, completion.model, completion.created, completion.service_tier, completion.fingerprint)
    for candidate in completion.candidates:
        for at, part in enumerate(candidate.parts):
            name = "arguments" if isinstance(part, ToolUse) else "text"
            empty = msgspec.structs.replace(part, **{name: ""})
            if isinstance(part, Thinking) and not part.redacted:
                empty = Thinking()
            yield Open(candidate.index, at, empty)
            text = getattr(part, name)
            yield from (Add(candidate.index, at, text[i : i + 3]) for i in range(0, len(text), 3))
            if isinstance(part, Thinking) and part.signature:
                yield Sign(candidate.index, at, part.signature, part.maker)
            yield Close(candidate.index, at)
    for candidate in completion.candidates:
        yield Finish(candidate.index, candidate.reason, candidate.native_reason)
    yield Count(completion.usage)
    yield End()


@settings(deadline=None)
@given(completions())
def test_a_stream_tells_the_same_as_the_whole_answer(completion):
    streamed = together(events_of(written(events(completion), asking(include_usage=True))))
    assert streamed == CODEC.read_answer(CODEC.write_answer(completion, asking()))
