"""Arguments that come in pieces."""

import pytest

from gateway.translation.gemini_generate.partial_args import Assembly


def assembled(*pieces):
    call = Assembly({"name": "f", "id": "1"}, "")
    for piece in pieces:
        call.add({"partialArgs": [piece]}, "")
    return call


def text(path, words):
    return {"jsonPath": path, "stringValue": words, "willContinue": True}


def test_pieces_of_a_text_are_joined():
    call = assembled(text("$.city", "New "), text("$.city", "Delhi"), text("$.unit", "C"))
    assert (call.args, call.broken) == ({"city": "New Delhi", "unit": "C"}, False)


def test_places_are_deep():
    call = assembled(
        text("$.rooms[0].name", "Ki"),
        text("$.rooms[0].name", "tchen"),
        {"jsonPath": "$.rooms[0].size", "numberValue": 12.5},
        {"jsonPath": "$.rooms[1]['a.b']", "boolValue": True},
        {"jsonPath": '$["odd name"]', "nullValue": "NULL_VALUE"},
        text("$.tags[0]", "a"),
        text("$.tags[0]", "b"),
        text("$.tags[1]", "c"),
    )
    assert not call.broken
    assert call.args == {
        "rooms": [{"name": "Kitchen", "size": 12.5}, {"a.b": True}],
        "odd name": None,
        "tags": ["ab", "c"],
    }


def test_whole_arguments_are_taken_as_they_are():
    call = Assembly({"name": "f"}, "")
    call.add({"name": "f", "args": {"a": 1}}, "sig")
    call.add({}, "")
    assert (call.name, call.args, call.signature) == ("f", {"a": 1}, "sig")


@pytest.mark.parametrize(
    "path",
    ["", "$", "$.a[1]", "$[0]", "$.a[", "$.a[x]", "$.s.t", "$" + ".a" * 100, "$.a[9999999]", "$.a[1].b", "$.s[0].t"],
)
def test_a_place_that_is_none_breaks_the_call(path):
    assert assembled(text("$.s", "x"), {"jsonPath": path, "numberValue": 1}).broken


def test_odd_pieces_break_the_call():
    call = Assembly({}, "")
    call.add({"partialArgs": [3], "args": 3}, "")
    assert call.broken
    assert (call.name, call.args) == ("", {})
