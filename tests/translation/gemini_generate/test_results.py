"""Results of tools, read and written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Native, Text, ToolResult
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC
from gateway.translation.gemini_generate.calls import Ledger
from gateway.translation.gemini_generate.outgoing import Outgoing
from gateway.translation.gemini_generate.results import read_response, write_response

PICTURE = Media("image", "image/png", data="QQ==")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5) | st.sampled_from(['{"a": 1}', "{}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["output", "error", "a"]), inner),
    max_leaves=5,
)


def out(model="gemini-2.5-flash", own=False):
    return Outgoing(model, own, Losses(CODEC.rules), Quirks())


def written(result, **fields):
    part, behind = write_response(result, "add", out(**fields))
    return part["functionResponse"], behind


def read(response):
    return read_response(response, Ledger(), "x")


@pytest.mark.parametrize(
    ("text", "error", "response"),
    [
        ("3", False, {"output": "3"}),
        ("", False, {"output": ""}),
        ('{"sum": 3}', False, {"sum": 3}),
        ("[3]", False, {"output": "[3]"}),
        ("{3}", False, {"output": "{3}"}),
        ("No.", True, {"error": "No."}),
        ('{"code": 3}', True, {"error": {"code": 3}}),
    ],
)
def test_objects_are_as_they_are_and_words_have_a_key(text, error, response):
    result = ToolResult("1", [Text(text)], error=error)
    assert written(result)[0] == {"id": "1", "name": "add", "response": response}


@pytest.mark.parametrize(
    ("response", "text", "error"),
    [
        ({"output": "3"}, "3", False),
        ({"output": '{"a":1}'}, '{"output":"{\\"a\\":1}"}', False),
        ({"result": "40 C"}, '{"result":"40 C"}', False),
        ({"error": "No."}, "No.", True),
        ({"error": {"code": 3}}, '{"code":3}', True),
        ({"error": "No.", "code": 3}, '{"error":"No.","code":3}', False),
        ({}, "{}", False),
    ],
)
def test_what_a_client_says_is_read(response, text, error):
    found = read({"id": "1", "name": "add", "response": response})
    assert found == ToolResult("1", [Text(text)], "add", error)


@given(st.dictionaries(st.sampled_from(["output", "error", "a", "b"]), JSON, max_size=2))
def test_any_response_comes_through(response):
    found = read({"id": "1", "name": "add", "response": response})
    assert written(found, own=True)[0] == {"id": "1", "name": "add", "response": json.loads(json.dumps(response))}


def test_several_texts_are_lines():
    assert written(ToolResult("1", [Text("a"), Text("b")]))[0]["response"] == {"output": "a\nb"}


def test_gemini_3_takes_files_inside_the_result():
    response, behind = written(ToolResult("1", [Text("See:"), PICTURE]), model="gemini-3-flash-preview")
    assert response["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}]
    assert behind == []


@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("gemini-2.5-flash", PICTURE),
        ("gemini-3-flash-preview", Media("image", url="https://a/b.png")),
        ("gemini-3-flash-preview", Media("image", "image/bmp", data="QQ==")),
        ("gemini-2.5-flash", Media("document", "application/pdf", data="QQ==")),
    ],
)
def test_other_files_stand_behind_the_results(model, file):
    response, [words, part] = written(ToolResult("1", [file]), model=model)
    assert "parts" not in response
    assert words == {"text": "From the result of add:"}
    assert part.keys() & {"inlineData", "fileData"}


def test_files_inside_a_result_are_read_and_written_again():
    parts = [
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
        {"fileData": {"mimeType": "image/png", "fileUri": "gs://a/b"}},
    ]
    response = {"id": "1", "name": "add", "response": {"output": "x"}, "parts": parts}
    found = read(response)
    assert found.parts[1:] == [PICTURE, Media("image", "image/png", file="gs://a/b")]
    assert written(found, own=True) == (response, [])


@pytest.mark.parametrize("more", [{"willContinue": True}, {"parts": [{"videoMetadata": {}}]}, {"parts": [{}]}])
def test_a_result_that_says_more_is_not_read(more):
    assert read({"name": "add", "response": {}, **more}) is None


def test_other_dialects_parts_in_a_result_are_lost():
    going = out()
    write_response(ToolResult("1", [Native("anthropic_messages", "tool_reference", {})]), "add", going)
    assert going.losses.refused == ["tool_reference"]
