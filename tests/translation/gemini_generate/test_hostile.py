"""Whatever stands in place of what belongs there: a client is refused, a provider's answer never raises."""

import copy
import json

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC
from tests.translation.gemini_generate.asking import MODEL, hello
from tests.translation.gemini_generate.gathered import gathered

BODY = {
    "contents": [
        {"role": "user", "parts": [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}]},
        {
            "role": "model",
            "parts": [
                {"text": "t", "thought": True, "thoughtSignature": "abc="},
                {"functionCall": {"id": "1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "Z3d+"},
                {"fileData": {"fileUri": "gs://a", "mimeType": "video/mp4"}, "mediaResolution": {"level": "X"}},
            ],
        },
        {
            "parts": [
                {
                    "functionResponse": {
                        "id": "1",
                        "name": "f",
                        "response": {"output": "x"},
                        "parts": [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}],
                    }
                }
            ]
        },
    ],
    "systemInstruction": {"parts": [{"text": "s"}]},
    "generationConfig": {
        "temperature": 1,
        "topK": 4,
        "stopSequences": ["a"],
        "responseModalities": ["TEXT"],
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x"]}}, "required": ["a"]},
        "thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 1, "includeThoughts": True},
    },
    "tools": [
        {"googleSearch": {}},
        {"functionDeclarations": [{"name": "f", "parameters": {"anyOf": [{"type": 1}]}, "behavior": "BLOCKING"}]},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}, "retrievalConfig": {}},
    "safetySettings": [{"category": "A", "threshold": "B"}],
    "labels": {"a": "b"},
    "serviceTier": "flex",
    "store": True,
}
ANSWER = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "t", "thought": True, "thoughtSignature": "abc="},
                    {"text": "a", "thoughtSignature": "abc="},
                    {"functionCall": {"id": "1", "name": "f", "args": {"a": 1}}},
                    {"functionCall": {"name": "g", "partialArgs": [{"jsonPath": "$.a[0]", "stringValue": "x"}]}},
                    {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
                    {"executableCode": {"code": "1"}},
                    {"text": "b"},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
            "avgLogprobs": -1,
            "logprobsResult": {
                "chosenCandidates": [{"token": "a", "logProbability": -1}],
                "topCandidates": [{"candidates": [{"token": "a", "logProbability": -1}]}],
            },
            "groundingMetadata": {
                "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
                "groundingSupports": [
                    {"segment": {"startIndex": 0, "endIndex": 1, "text": "b"}, "groundingChunkIndices": [0]}
                ],
            },
            "citationMetadata": {"citations": [{"startIndex": 0, "endIndex": 1, "uri": "u"}]},
        }
    ],
    "promptFeedback": {"blockReason": "SAFETY"},
    "usageMetadata": {"promptTokenCount": 1, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 1}]},
    "modelVersion": "m",
    "responseId": "r",
    "createTime": "2026-08-19T14:38:46Z",
}
ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        3.5,
        10**30,
        1e300,
        "",
        "x",
        "9" * 30,
        [],
        [[]],
        {},
        {"": {}},
        [None],
        [{}],
        {"a_b": 1},
        "$.a",
        "é😀",
    ]
)


def places(value, way=()):
    """The way to every value in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for name, one in inner for place in places(one, (*way, name)))]


def with_odd(document, way, odd):
    changed = copy.deepcopy(document)
    holder = changed
    for step in way[:-1]:
        holder = holder[step]
    holder[way[-1]] = odd
    return changed


ASKED = st.builds(with_odd, st.just(BODY), st.sampled_from(places(BODY)[1:]), ODD)
ANSWERED = st.builds(with_odd, st.just(ANSWER), st.sampled_from(places(ANSWER)[1:]), ODD)


@settings(max_examples=1000)
@given(ASKED)
@example(BODY)
def test_an_odd_request_is_refused_or_understood(body):
    body = msgspec.json.decode(msgspec.json.encode(body))
    refused = None
    try:
        asked = CODEC.read_request({**body, "model": MODEL, "stream": False})
        written = CODEC.write_request(asked, Losses(CODEC.rules), Quirks()).body
        msgspec.json.encode(written)
    except Refusal as refusal:
        refused = refusal
    assert refused is None or (refused.status, refused.code) == (400, "invalid_request")


@settings(max_examples=1000)
@given(ANSWERED, ANSWERED)
@example(ANSWER, ANSWER)
def test_an_odd_answer_never_raises(first, second):
    answer = CODEC.read_answer(msgspec.json.decode(msgspec.json.encode(first)))
    msgspec.json.encode(CODEC.write_answer(answer, hello()))
    reader, writer = CODEC.reader(), CODEC.writer(hello(stream=True))
    events = [event for one in (first, second) for event in reader.read(b"", json.dumps(one).encode())]
    events += reader.end()
    found = gathered(events)
    assert found.ended or found.fault
    for event in events:
        writer.write(event)
