"""A client's contents, read."""

import json

import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Media, Native, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message
from gateway.translation.gemini_generate.seals import sealed
from tests.translation.gemini_generate.asking import OWN, read


def messages(*contents):
    return read(contents=list(contents)).messages


def parts(*given, role="model"):
    [message] = messages({"role": role, "parts": list(given)})
    return message.parts


def test_one_content_is_a_list_of_one_and_the_user_speaks_where_nobody_is_named():
    asked = read(contents={"parts": {"text": "Hello"}})
    assert asked.messages == [Message("user", [Text("Hello")])]


def test_the_users_words_stay_apart_and_the_models_are_one():
    words = ({"text": "a"}, {"text": "b"}, {"text": ""})
    assert parts(*words, role="user") == [Text("a"), Text("b"), Text("")]
    assert parts(*words) == [Text("ab")]
    assert parts({"text": ""}) == []


def test_the_models_contents_in_a_row_are_one():
    chunks = [
        {"text": "H", "thought": True},
        {"text": "m", "thought": True},
        {"text": "H"},
        {"text": "i"},
        {"text": ""},
    ]
    [message] = messages(*({"role": "model", "parts": [chunk]} for chunk in chunks))
    assert message == Message("assistant", [Thinking("Hm", summary=True), Text("Hi")])


def test_members_that_are_null_are_not_there():
    assert parts({"text": "a", "inlineData": None, "thought": None, "thoughtSignature": None}) == [Text("a")]


@pytest.mark.parametrize("spelling", ["thoughtSignature", "thought_signature"])
def test_a_signature_behind_a_text_is_a_thought_of_its_own(spelling):
    seal = Thinking(signature="abc=", maker=OWN, summary=True)
    assert parts({"text": "a", spelling: "abc="}) == [Text("a"), seal]
    assert parts({"text": "", spelling: "abc="}) == [seal]
    assert parts({spelling: "abc="}) == [seal]


def test_thoughts_have_their_signature():
    [thought] = parts({"text": "Hm.", "thought": True, "thoughtSignature": "abc="})
    assert thought == Thinking("Hm.", "abc=", maker=OWN, summary=True)
    assert parts({"text": "Hm.", "thought": True}) == [Thinking("Hm.", summary=True)]


def test_thoughts_that_were_streamed_before_their_signature_are_one():
    signature = sealed(Thinking(signature="sig", maker="anthropic_messages"))
    assert parts(
        {"text": "H", "thought": True},
        {"text": "m.", "thought": True},
        {"text": "", "thought": True, "thoughtSignature": signature},
        {"text": "Hi"},
    ) == [Thinking("Hm.", "sig", maker="anthropic_messages"), Text("Hi")]


def test_encrypted_thoughts_take_no_words_with_them():
    signature = sealed(Thinking(redacted="xyz", maker="anthropic_messages"))
    assert parts({"text": "Hm.", "thought": True}, {"text": "", "thought": True, "thoughtSignature": signature}) == [
        Thinking("Hm.", summary=True),
        Thinking(redacted="xyz", maker="anthropic_messages"),
    ]


def test_calls_and_results_find_one_another_without_ids():
    asked, answered = messages(
        {
            "role": "model",
            "parts": [
                {"functionCall": {"name": "add", "args": {"a": 1}}, "thoughtSignature": "abc="},
                {"function_call": {"name": "sub"}},
                {"functionCall": {"name": "add", "args": {}}},
            ],
        },
        {
            "role": "function",
            "parts": [
                {"functionResponse": {"name": "sub", "response": {"output": "2"}}},
                {"functionResponse": {"name": "add", "response": {"output": "1"}}},
                {"functionResponse": {"name": "add", "response": {"output": "3"}}},
            ],
        },
    )
    first, second, third = asked.parts
    assert (first.name, json.loads(first.arguments), first.signature, first.maker) == ("add", {"a": 1}, "abc=", OWN)
    assert (second.arguments, third.arguments) == ("", "{}")
    assert answered.role == "tool"
    assert [result.id for result in answered.parts] == [second.id, first.id, third.id]
    assert len({first.id, second.id, third.id}) == 3


def test_ids_are_the_same_in_the_next_turn():
    content = {"role": "model", "parts": [{"functionCall": {"name": "add"}}]}
    assert messages(content)[0] == messages(content, {"parts": [{"text": "Go on"}]})[0]


def test_a_result_beside_a_text_is_the_users():
    call = {"role": "model", "parts": [{"functionCall": {"id": "1", "name": "add"}}]}
    for role in ("user", "function"):
        result = {"functionResponse": {"id": "1", "name": "add", "response": {"output": "3"}}}
        _, message = messages(call, {"role": role, "parts": [result, {"text": "Well?"}]})
        assert message == Message("user", [ToolResult("1", [Text("3")], "add"), Text("Well?")])


def test_images_and_their_signatures():
    image = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}
    assert parts({**image, "thoughtSignature": "abc="}) == [
        Media("image", "image/png", data="QQ=="),
        Thinking(signature="abc=", maker=OWN, summary=True),
    ]
    [low] = parts({**image, "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}})
    assert low.detail == "low"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ({"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "abc="}, "executableCode"),
        ({"codeExecutionResult": {"outcome": "OUTCOME_OK"}}, "codeExecutionResult"),
        ({"toolCall": {"toolType": "GOOGLE_SEARCH_WEB"}}, "toolCall"),
        ({"fileData": {"fileUri": "https://youtu.be/x"}, "videoMetadata": {"fps": 1}}, "fileData"),
        ({"text": "a", "partMetadata": {"a": 1}}, "partMetadata"),
        (
            {
                "inlineData": {"mimeType": "image/png", "data": "QQ=="},
                "mediaResolution": {"level": "MEDIA_RESOLUTION_MEDIUM"},
            },
            "inlineData",
        ),
        (
            {
                "inlineData": {"mimeType": "video/mp4", "data": "QQ=="},
                "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"},
            },
            "inlineData",
        ),
        ({"functionCall": {"name": "f", "willContinue": True}}, "functionCall"),
        ({"functionResponse": {"name": "f", "scheduling": "SILENT"}}, "functionResponse"),
        ({"inlineData": {"mimeType": "image/png", "data": "QQ=="}, "thought": True}, "thought"),
    ],
)
def test_what_only_google_knows_stays_as_it_is(part, name):
    assert [one for one in parts(part) if isinstance(one, Native)] == [Native(OWN, name, part)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"role": "system", "parts": [{"text": "a"}]}, r"contents\[0\]\.role: must be user or model"),
        ({"role": 3}, r"contents\[0\]\.role: must be a string"),
        ({"parts": "a"}, r"contents\[0\]\.parts: must be an array"),
        ({"parts": ["a"]}, r"contents\[0\]\.parts\[0\]: must be an object"),
        ({"parts": [{}]}, r"contents\[0\]\.parts\[0\]: must have one of"),
        ({"parts": [{"text": 3}]}, r"contents\[0\]\.parts\[0\]\.text: must be a string"),
        ({"parts": [{"text": None}]}, r"contents\[0\]\.parts\[0\]: must have one of"),
        ({"parts": [{"text": "a", "thought": "yes"}]}, r"\.thought: must be true or false"),
        ({"parts": [{"text": "a", "thoughtSignature": 3}]}, r"\.thoughtSignature: must be a string"),
        ({"parts": [{"inlineData": {"mimeType": "image/png"}}]}, r"\.inlineData\.data: is missing"),
        ({"parts": [{"inlineData": []}]}, r"\.inlineData: must be an object"),
        ({"parts": [{"fileData": {}}]}, r"\.fileData\.fileUri: is missing"),
        ({"parts": [{"functionCall": {"args": {}}}]}, r"\.functionCall\.name: is missing"),
        ({"parts": [{"functionCall": {"name": "a", "args": []}}]}, r"\.functionCall\.args: must be an object"),
        ({"parts": [{"functionResponse": {"response": {}}}]}, r"\.functionResponse\.name: is missing"),
        ({"parts": [{"functionResponse": {"name": "a", "response": "x"}}]}, r"\.response: must be an object"),
    ],
)
def test_an_odd_content_is_refused(content, place):
    with pytest.raises(Refusal, match=place) as refused:
        messages(content)
    assert refused.value.status == 400


def test_a_call_without_an_id_keeps_its_place():
    assert parts({"functionCall": {"name": "a"}}) == parts({"functionCall": {"name": "a", "id": None}})
    assert isinstance(parts({"functionCall": {"name": "a"}})[0], ToolUse)
