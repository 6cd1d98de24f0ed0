"""How members are spelt."""

import msgspec
import pytest

from gateway.call import Refusal
from gateway.translation.gemini_generate.words import chosen, decoded, listed, members, spelt


@pytest.mark.parametrize(
    ("written", "camel"),
    [("top_p", "topP"), ("function_calling_config", "functionCallingConfig"), ("topP", "topP"), ("a_1_b", "a1B")],
)
def test_members_are_in_camel_case(written, camel):
    assert spelt(written) == camel


def test_an_object_that_is_in_camel_case_is_not_copied():
    holder = {"topP": 1}
    assert members(holder) is holder
    assert members({"top_p": 1, "topK": 2}) == {"topP": 1, "topK": 2}


def test_a_name_that_is_too_long_to_be_googles_stays():
    name = "a_" * 1000
    assert members({name: 1}) == {name: 1}


def test_one_object_is_a_list_of_one():
    assert listed({"top_p": 1}, "x") == [{"topP": 1}]
    assert listed(None, "x") == []
    with pytest.raises(Refusal, match=r"x\[1\]: must be an object"):
        listed([{}, 1], "x")


def test_a_word_of_an_enumeration_may_be_in_any_case():
    words = {"LOW": "low"}
    assert chosen({"level": "low"}, "level", words, "config") == "low"
    assert chosen({}, "level", words, "config") is None
    for odd in ("lower", 3, ["LOW"]):
        with pytest.raises(Refusal, match=r"config\.level: must be one of LOW"):
            chosen({"level": odd}, "level", words, "config")


def test_json_with_half_a_surrogate_pair_is_read():
    assert decoded(rb'{"a":"\ud83d!"}') == {"a": "\ufffd!"}
    assert decoded(b'\xef\xbb\xbf{"a":"\xff"}') == {"a": "\ufffd"}
    with pytest.raises(msgspec.DecodeError):
        decoded(b"{")
