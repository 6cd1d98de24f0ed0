"""From this dialect to the neutral form and back: what both share comes through, whatever it is."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC
from gateway.wire.sse import Splitter
from tests.translation.gemini_generate.asking import MODEL, hello
from tests.translation.gemini_generate.chunks import joined
from tests.translation.gemini_generate.gathered import streamed

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
NAME = st.sampled_from(["add", "sub"])
SIGNATURE = st.sampled_from(["Es8BCg==", "AY89a18M"])
ARGS = st.dictionaries(st.sampled_from(["a", "b_c"]), st.integers(-9, 9) | WORDS | st.lists(st.none(), max_size=2))
IMAGE = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}

SAID = st.one_of(
    WORDS.map(lambda text: {"text": text}),
    st.builds(lambda text, signature: {"text": text, "thoughtSignature": signature}, WORDS, SIGNATURE),
    WORDS.map(lambda text: {"text": text, "thought": True}),
    st.builds(lambda text, sig: {"text": text, "thought": True, "thoughtSignature": sig}, WORDS, SIGNATURE),
    st.builds(lambda name, args: {"functionCall": {"name": name, "args": args}}, NAME, ARGS),
    st.builds(lambda name, id, args: {"functionCall": {"id": id, "name": name, "args": args}}, NAME, WORDS, ARGS),
    st.just({"executableCode": {"language": "PYTHON", "code": "1"}}),
    st.just(IMAGE),
)
ASKED = st.one_of(
    WORDS.map(lambda text: {"text": text}),
    st.just(IMAGE),
    st.just({"fileData": {"mimeType": "video/mp4", "fileUri": "https://youtu.be/a"}}),
    st.just({"fileData": {"fileUri": "gs://a/b.mp3"}}),
    st.builds(lambda name, args: {"functionResponse": {"name": name, "response": args}}, NAME, ARGS),
)
CONTENTS = st.lists(
    st.one_of(
        st.lists(SAID, min_size=1, max_size=4).map(lambda parts: {"role": "model", "parts": parts}),
        st.lists(ASKED, min_size=1, max_size=3).map(lambda parts: {"role": "user", "parts": parts}),
    ),
    min_size=1,
    max_size=4,
)
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "topK": st.integers(1, 40),
        "stopSequences": st.lists(WORDS, max_size=2),
        "responseLogprobs": st.booleans(),
        "responseModalities": st.just(["TEXT", "IMAGE"]),
        "mediaResolution": st.just("MEDIA_RESOLUTION_LOW"),
        "thinkingConfig": st.fixed_dictionaries(
            {"thinkingBudget": st.integers(-1, 100)},
            optional={"includeThoughts": st.booleans(), "thinkingLevel": st.sampled_from(["LOW", "XHIGH"])},
        ),
        "responseMimeType": st.just("application/json"),
    },
)
CALLING = st.sampled_from(
    [
        {"mode": "AUTO"},
        {"mode": "ANY"},
        {"mode": "VALIDATED"},
        {"mode": "ANY", "allowedFunctionNames": ["add"]},
        {"mode": "ANY", "allowedFunctionNames": ["add", "sub"]},
    ]
)
BODY = st.fixed_dictionaries(
    {"contents": CONTENTS},
    optional={
        "generationConfig": CONFIG.filter(bool),
        "systemInstruction": st.just({"parts": [{"text": "Be brief."}]}),
        "toolConfig": CALLING.map(lambda one: {"functionCallingConfig": one}),
        "safetySettings": st.just([{"category": "A", "threshold": "OFF"}]),
        "labels": st.just({"team": "a"}),
        "serviceTier": st.sampled_from(["flex", "standard"]),
        "cachedContent": st.just("cachedContents/a"),
    },
)
TOOLS = [
    {"googleSearch": {}},
    {
        "functionDeclarations": [
            {"name": "add", "description": "Adds.", "parametersJsonSchema": {"type": "object"}, "behavior": "BLOCKING"},
            {"name": "sub"},
        ]
    },
]


@given(BODY, st.booleans())
def test_a_request_comes_through(body, tools):
    if tools:
        body = {**body, "tools": TOOLS}
    losses = Losses(CODEC.rules)
    asked = CODEC.read_request({**body, "model": MODEL, "stream": False})
    written = CODEC.write_request(asked, losses, Quirks()).body
    for content in written["contents"]:
        for part in content["parts"]:
            # A result without an id gets its call's.
            part.get("functionResponse", {}).pop("id", None)
    assert written == {**body, "contents": joined(body["contents"])}
    assert losses.settle("Google", strict=True) == []


TEXT = st.builds(Text, WORDS)
FOREIGN = st.builds(
    lambda text, signature, id: Thinking(text, signature, id=id, maker="openai_responses"),
    WORDS,
    WORDS,
    st.just("") | WORDS,
)
CALL = st.builds(lambda id, name, args: ToolUse(id, name, json.dumps(args, separators=(",", ":"))), WORDS, NAME, ARGS)
PARTS = st.lists(TEXT | FOREIGN | CALL | st.just(Media("image", "image/png", data="QQ==")) | st.builds(Refusing, WORDS))


@given(PARTS)
def test_what_a_client_sends_back_of_a_foreign_answer_is_what_was_answered(parts):
    """Whole, or streamed and collected chunk by chunk as clients do."""
    answer = Completion("r", "m", candidates=[Candidate(parts, "stop")], usage=Usage(1, 2, 3))
    written = CODEC.write_answer(answer, hello())
    content = written["candidates"][0]["content"]
    if "parts" in content:
        asked = CODEC.read_request({"model": MODEL, "contents": [json.loads(json.dumps(content))]})
        assert [plain(part) for part in asked.messages[0].parts] == together([plain(part) for part in parts])
    assert CODEC.read_answer(written).usage == answer.usage


def together(parts):
    """Words in a row are one."""
    made = []
    for part in parts:
        if made and isinstance(part, Text) and isinstance(made[-1], Text):
            made[-1] = Text(made[-1].text + part.text)
        else:
            made.append(part)
    return made


def plain(part):
    """A refusal is words to Google, and JSON has no one way to write a character."""
    if isinstance(part, Refusing):
        return Text(part.text)
    return ToolUse(part.id, part.name, json.loads(part.arguments)) if isinstance(part, ToolUse) else part


@given(st.lists(SAID, max_size=5))
def test_googles_own_stream_comes_through(said):
    chunks = [{"candidates": [{"content": {"role": "model", "parts": [part]}}], "responseId": "r"} for part in said]
    chunks.append(
        {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 1}, "responseId": "r"}
    )
    reader, writer = CODEC.reader(), CODEC.writer(hello(stream=True))
    texts = [json.dumps(chunk).encode() for chunk in chunks]
    events = [event for text in texts for event in reader.read(b"", text)] + list(reader.end())
    written = [event.text for event in Splitter().feed(b"".join(writer.write(event) for event in events))]
    before, after = streamed(texts).completion, streamed(written).completion
    after.model = ""
    assert after == before
