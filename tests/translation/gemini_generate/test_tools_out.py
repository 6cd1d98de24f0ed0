"""Tools as Google gets them."""

import pytest

from gateway.conversation.parts import Cache, Native
from gateway.conversation.request import Choice, Tool
from gateway.translation.gemini_generate.words import AnyOf
from tests.translation.gemini_generate.asking import OWN, body, hello, write

ADD = Tool("add", "Adds.", {"type": "object", "properties": {"a": {"type": "number"}}})


def calling(**fields):
    return body(hello(tools=[ADD], **fields)).get("toolConfig", {}).get("functionCallingConfig")


def test_functions_have_their_json_schema():
    assert body(hello(tools=[ADD, Tool("now")]))["tools"] == [
        {
            "functionDeclarations": [
                {"name": "add", "description": "Adds.", "parametersJsonSchema": ADD.schema},
                {"name": "now"},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (None, None),
        (Choice("auto"), {"mode": "AUTO"}),
        (Choice("none"), {"mode": "NONE"}),
        (Choice("required"), {"mode": "ANY"}),
        (Choice("named", "add"), {"mode": "ANY", "allowedFunctionNames": ["add"]}),
    ],
)
def test_choices(choice, written):
    assert calling(choice=choice) == written


def test_strict_functions_are_validated():
    strict = Tool("add", strict=True)
    found = body(hello(tools=[strict]))["toolConfig"]["functionCallingConfig"]
    assert found == {"mode": "VALIDATED"}
    forced = body(hello(tools=[strict], choice=Choice("required")))["toolConfig"]["functionCallingConfig"]
    assert forced == {"mode": "ANY"}
    _, losses = write(hello(tools=[strict], model="gemini-2.0-flash"))
    assert losses.refused == ["tools.strict"]


def test_googles_own_tools_pass_and_others_are_lost():
    own = hello(native_tools=[Native(OWN, "googleSearch", {})], tools=[ADD])
    assert [list(tool) for tool in body(own)["tools"]] == [["googleSearch"], ["functionDeclarations"]]
    written, losses = write(hello(native_tools=[Native("openai_responses", "file_search", {})]))
    assert losses.refused == ["file_search"]
    assert "tools" not in written.body


def test_searching_the_web_is_googles_search():
    asked = hello(parameters={"web_search_options": {"search_context_size": "low"}})
    assert body(asked)["tools"] == [{"googleSearch": {}}]
    near = hello(parameters={"web_search_options": {"user_location": {"type": "approximate"}}})
    assert write(near)[1].refused == ["web_search_options.user_location"]


def test_free_text_tools_are_lost():
    written, losses = write(hello(tools=[Tool("sql", custom=True), ADD]))
    assert losses.refused == ["tools.custom"]
    assert [one["name"] for one in written.body["tools"][0]["functionDeclarations"]] == ["add"]


def test_one_call_at_a_time_cannot_be_asked_for_and_is_seen_to_in_the_answer():
    assert calling(parallel=True) is None
    losses = write(hello(tools=[ADD], parallel=False))[1]
    assert (losses.refused, losses.emulated) == ([], {"parallel_tool_calls"})


def test_a_cache_marker_is_a_hint():
    assert write(hello(tools=[Tool("now", cache=Cache())]))[1].hints == ["cache"]


@pytest.mark.parametrize("wish", [{"choice": Choice("none")}, {"choice": Choice("auto")}, {"parallel": False}])
def test_what_is_said_of_calling_functions_is_left_out_where_there_are_none(wish):
    assert body(hello(**wish)) == body(hello())


def test_to_force_a_function_where_there_is_none_is_for_google_to_judge():
    assert body(hello(choice=Choice("required")))["toolConfig"] == {"functionCallingConfig": {"mode": "ANY"}}


def test_a_choice_among_all_functions_is_said_again_to_its_own_clients_only():
    choice = AnyOf("required", names=("add",))
    assert calling(choice=choice) == {"mode": "ANY"}
    assert calling(choice=choice, dialect=OWN) == {"mode": "ANY", "allowedFunctionNames": ["add"]}
