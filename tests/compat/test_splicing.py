"""One member of a body changes, and no other byte."""

import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.compat.splicing import document, members, with_member, with_model

spaces = st.sampled_from(["", " ", "\n", "\t ", "\r\n  "])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from([1.50, 1e300, "", "model", '"model":"x"', '\\"model": "x"', "é\u2028", "{", "\\", "a/b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["model", "x", '"model', "messages", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(["x", "messages", '"model', "Model", "model ", "metadata", "", "é", 'a"model"'])


@st.composite
def bodies(draw):
    """An object with one model among other members, written with any white space and either kind of escapes."""
    others = draw(st.dictionaries(names, values, max_size=4))
    place = draw(st.integers(0, len(others)))
    ascii_only = draw(st.booleans())
    written = [
        f"{json.dumps(name, ensure_ascii=ascii_only)}{draw(spaces)}:{draw(spaces)}"
        f"{json.dumps(value, ensure_ascii=ascii_only)}"
        for name, value in others.items()
    ]
    model = json.dumps(draw(st.sampled_from(["openai/gpt-5", "a/é", 'a/"', "a/\\"])), ensure_ascii=ascii_only)
    key = f'"model"{draw(spaces)}:{draw(spaces)}'
    written.insert(place, f"{key}{model}")
    commas = [f",{draw(spaces)}".join(part) for part in ([*written[:place], key], written[place + 1 :])]
    head = draw(spaces) + "{" + draw(spaces) + commas[0]
    tail = ("," + commas[1] if written[place + 1 :] else "") + draw(spaces) + "}" + draw(spaces)
    return head.encode(), model.encode(), tail.encode()


@given(bodies(), st.sampled_from(["gpt-5", "é/x", 'a"b', "\\"]))
def test_only_the_model_changes_byte_for_byte(body, model):
    head, before, tail = body
    assert with_model(head + before + tail, model) == head + msgspec.json.encode(model) + tail


@given(bodies(), st.sampled_from(["gpt-5", 'a"b']))
def test_what_is_read_from_it_is_the_same_but_for_the_model(body, model):
    before = json.loads(b"".join(body))
    assert json.loads(with_model(b"".join(body), model)) == {**before, "model": model}


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "a/x", "model": "a/y"}',
        b'{"model": "a/x", "mod\\u0065l": "a/y"}',
        b'{"mod\\u0065l": "a/y", "model": "a/x"}',
        b'{"mod\\u0065l": "a/x"}',
        b'{"model": null, "model": "a/x"}',
        b'{"model": "a/x", "model": {"model": "a/y"}}',
    ],
)
def test_a_body_that_names_two_models_names_one_afterwards(body):
    made = with_model(body, "z")
    assert json.loads(made, object_pairs_hook=list) == [("model", "z")]


def test_models_inside_of_other_values_stay():
    inner = b'{"tools": [{"model": "a/x"}], "x": "\\"model\\":\\"a/x\\"", "model": "a/x", "y": {"model": "a/x"}}'
    assert with_model(inner, "x").count(b'"a/x"') == 2
    assert json.loads(with_model(inner, "x"))["model"] == "x"


def test_after_some_tries_the_body_is_written_anew_with_all_that_it_had():
    nested = ",".join('{"model": "a/x"}' for _ in range(100))
    body = f'{{"list": [{nested}], "model": "a/x", "n": 1.50}}'.encode()
    made = with_model(body, "x")
    assert json.loads(made) == {**json.loads(body), "model": "x"}
    assert b'"n":1.50' in made


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"x"', b"{", b'{"model": "a/x"', b'{"model": "a/x"}}', b'{"model": "a/x",}', b"\xff",
        b'{"model": "a/x"} x', b'{"model": "a/\n"}', b'[{"model": "a/x"}]', b'{"x": ' + b"[" * 100000,
        b'{"x": "\xff", "model": "a/x"}x',
    ],
)  # fmt: skip
def test_what_is_no_object_is_refused(body):
    for read in (lambda: with_model(body, "x"), lambda: members(body), lambda: document(body)):
        with pytest.raises(Refusal) as refused:
            read()
        assert (refused.value.status, refused.value.code) == (400, "invalid_request")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_bytes_are_changed_or_refused(before, after):
    try:
        made = with_model(before + b'"model":"a/x"' + after, "x")
    except Refusal:
        return
    assert msgspec.json.decode(made, type=dict[str, msgspec.Raw])["model"] == msgspec.Raw(b'"x"')


def test_a_huge_body_is_read_once():
    content = b'"' + b'x\\n\\u00e9\\"' * 2_000_000 + b'"'
    for body in (b'{"model": "a/x", "content": %b}', b'{"content": %b, "model": "a/x"}'):
        whole = body % content
        begun = time.perf_counter()
        for _ in range(3):
            members(whole)
        once = (time.perf_counter() - begun) / 3
        begun = time.perf_counter()
        made = with_model(whole, "x")
        assert time.perf_counter() - begun < 10 * once + 0.2
        assert made == body.replace(b"a/x", b"x") % content


@given(bodies())
def test_a_member_is_put_in_before_all_others(body):
    whole = b"".join(body)
    made = with_member(whole, members(whole), "stream_options", {"include_usage": True})
    added = b'"stream_options":{"include_usage":true},'
    assert made.replace(added, b"", 1) == whole
    assert json.loads(made) == {**json.loads(whole), "stream_options": {"include_usage": True}}


def test_a_member_that_is_there_gets_another_value():
    body = b'{"a": 1.50, "b": null}'
    assert json.loads(with_member(body, members(body), "b", 2)) == {"a": 1.5, "b": 2}
    assert with_member(b"{}", {}, "b", 2) == b'{"b":2}'
