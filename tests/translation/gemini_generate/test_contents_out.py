"""Messages as Google gets them."""

import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Cache, Media, Native, Refusing, Text, Thinking
from gateway.conversation.request import Message
from gateway.translation.gemini_generate.calls import made_id
from gateway.translation.gemini_generate.contents_out import UNSIGNED
from tests.translation.gemini_generate.asking import OWN, body, call, contents, model, result, talk, tool, user, write

GEMINI_3 = "gemini-3-pro-preview"


def parts(*messages, **fields):
    return [content["parts"] for content in contents(*messages, **fields)]


def test_system_and_developer_messages_are_the_system_instruction_wherever_they_stand():
    asked = talk(
        Message("system", [Text("A")]), user("Hi"), Message("developer", [Text("B")]), Message("system", [Text("C")])
    )
    written = body(asked)
    assert written["systemInstruction"] == {"parts": [{"text": "A"}, {"text": "B"}, {"text": "C"}]}
    assert written["contents"] == [{"role": "user", "parts": [{"text": "Hi"}]}]


def test_a_conversation_of_nothing_but_the_systems_words_is_the_users():
    written = body(talk(Message("system", [Text("A")])))
    assert written == {"contents": [{"role": "user", "parts": [{"text": "A"}]}]}


def test_the_models_messages_in_a_row_are_one_turn():
    found = contents(user("Hi"), model("A"), model(call("1")), model(call("2")), tool(result("2")), tool(result("1")))
    assert [content["role"] for content in found] == ["user", "model", "user"]
    assert [part["functionCall"]["id"] for part in found[1]["parts"][1:]] == ["1", "2"]
    assert [part["functionResponse"]["id"] for part in found[2]["parts"]] == ["1", "2"]


def test_results_beside_other_parts_come_first_and_apart():
    found = contents(user("Hi"), model(call("1")), user("Well?", result("1"), "Go on"))
    assert found[2:] == [
        {"role": "user", "parts": [{"functionResponse": {"id": "1", "name": "add", "response": {"output": "3"}}}]},
        {"role": "user", "parts": [{"text": "Well?"}, {"text": "Go on"}]},
    ]


def test_a_result_has_the_name_of_its_call():
    _, _, [part] = parts(user("Hi"), model(call("1", "sub")), tool(result("1")))
    assert part["functionResponse"]["name"] == "sub"
    _, [part] = parts(user("Hi"), tool(result("9")))
    assert part["functionResponse"]["name"] == "9"


def test_ids_that_the_gateway_made_stay_here():
    id = made_id("answer")
    _, [asked], [answered] = parts(user("Hi"), model(call(id)), tool(result(id)))
    assert asked == {"functionCall": {"name": "add", "args": {"a": 1}}}
    assert answered == {"functionResponse": {"name": "add", "response": {"output": "3"}}}


def test_refusals_are_words():
    assert parts(user("Hi"), model(Refusing("No.")))[1] == [{"text": "No."}]


def test_no_words_are_no_part():
    assert contents(user("Hi"), model(""), user("Go on")) == contents(user("Hi"), user("Go on"))
    assert contents(user(""), dialect=OWN) == [{"role": "user", "parts": [{"text": ""}]}]


def test_googles_own_parts_pass_and_others_are_lost():
    code = {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "abc="}
    assert parts(user("Hi"), model(Native(OWN, "executableCode", code)))[1] == [code]
    written, losses = write(talk(user("Hi"), model(Native("anthropic_messages", "server_tool_use", {}))))
    assert losses.refused == ["server_tool_use"]
    assert len(written.body["contents"]) == 1


def test_thoughts_keep_googles_signatures_and_lose_others():
    google = Thinking("Hm.", "abc=", maker=OWN)
    assert parts(user("Hi"), model(google, "Hello")) == [
        [{"text": "Hi"}],
        [{"text": "Hm.", "thought": True, "thoughtSignature": "abc="}, {"text": "Hello"}],
    ]
    foreign = Thinking("Hm.", "xyz", maker="anthropic_messages")
    redacted = Thinking(redacted="xyz", maker="anthropic_messages")
    assert parts(user("Hi"), model(foreign, redacted, "Hello"))[1] == [
        {"text": "Hm.", "thought": True},
        {"text": "Hello"},
    ]


@pytest.mark.parametrize("before", [Text("Hello"), Media("image", "image/png", data="QQ==")])
def test_a_signature_without_words_goes_back_to_its_part(before):
    seal = Thinking(signature="abc=", maker=OWN)
    [part] = parts(user("Hi"), model(before, seal))[1]
    assert part["thoughtSignature"] == "abc="
    alone = {"text": "", "thoughtSignature": "abc="}
    assert parts(user("Hi"), model(seal, before))[1][0] == alone
    assert parts(user("Hi"), model(call("1"), seal))[1][1] == alone
    twice = parts(user("Hi"), model(before, seal, seal))[1]
    assert twice == [part, alone]


def test_a_call_has_googles_signature_only():
    assert parts(user("Hi"), model(call("1", signature="abc=", maker=OWN)))[1][0]["thoughtSignature"] == "abc="
    assert "thoughtSignature" not in parts(user("Hi"), model(call("1", signature="x", maker="openai_chat")))[1][0]


def test_gemini_3_gets_a_stand_in_for_signatures_of_the_current_turn():
    own = call("1", signature="abc=", maker=OWN)
    found = contents(
        user("Hi"),
        model(call("0")),
        tool(result("0")),
        model("Done."),
        user("Again"),
        model(call("1"), call("2")),
        tool(result("1"), result("2")),
        model(own, call("3")),
        tool(result("1"), result("3")),
        model(call("4", signature="x", maker="anthropic_messages")),
        tool(result("4")),
        model=GEMINI_3,
    )
    signed = [[part.get("thoughtSignature") for part in one["parts"]] for one in found if one["role"] == "model"]
    assert signed == [[None], [None], [UNSIGNED, None], ["abc=", None], [UNSIGNED]]


def test_older_models_need_no_stand_in():
    assert (
        "thoughtSignature" not in parts(user("Hi"), model(call("1")), tool(result("1")), model="gemini-2.5-pro")[1][0]
    )


def test_files_behind_a_result_do_not_begin_a_turn():
    picture = result("1")
    picture.parts.append(Media("image", url="https://a/b.png"))
    found = contents(user("Hi"), model(call("1")), tool(picture), model=GEMINI_3)
    assert found[1]["parts"][0]["thoughtSignature"] == UNSIGNED
    assert found[3]["parts"][1] == {"fileData": {"mimeType": "image/png", "fileUri": "https://a/b.png"}}


def test_arguments_that_are_no_object_are_refused():
    with pytest.raises(Refusal, match="the arguments of the call 1: must be a JSON object"):
        contents(user("Hi"), model(call("1", arguments="[1]")))


def test_a_call_of_a_free_text_tool_is_lost():
    _, losses = write(talk(user("Hi"), model(call("1", custom=True))))
    assert losses.refused == ["tools.custom"]


def test_how_closely_to_look_is_said_of_the_part_or_of_all():
    low = Media("image", "image/png", data="QQ==", detail="low")
    high = Media("image", "image/png", data="QQ==", detail="high")
    old = body(talk(user(low, high, low)))
    assert old["generationConfig"] == {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}
    new = body(talk(user(low), model=GEMINI_3))
    assert new["contents"][0]["parts"][0]["mediaResolution"] == {"level": "MEDIA_RESOLUTION_LOW"}
    automatic = Media("image", "image/png", data="QQ==", detail="auto")
    assert "generationConfig" not in body(talk(user(automatic)))


def test_cache_markers_are_hints_wherever_they_are():
    marked = [
        Text("a", cache=Cache()),
        call("1", cache=Cache()),
        Media("image", "image/png", data="QQ==", cache=Cache("1h")),
        Thinking("a", cache=Cache()),
    ]
    for part in marked:
        _, losses = write(talk(user("Hi"), model(part)))
        assert (losses.hints, losses.refused) == (["cache"], [])
    _, losses = write(talk(user("Hi"), model(call("1")), tool(result("1", cache=Cache()))))
    assert losses.hints == ["cache"]


def test_names_and_citations_are_lost():
    _, losses = write(talk(Message("user", [Text("Hi"), Media("document", text="x", cite=True)], name="bob")))
    assert losses.refused == ["name", "citations"]
