"""OpenAI's requests for embeddings, read into the neutral form."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.translation.embeddings import read_request
from gateway.translation.embeddings.wanted import Image, Mixed, Wanted
from tests.translation.embeddings.requests_of import BOTH, FAR, PICTURE, PNG, wanted


def test_a_request_is_read_whole():
    found = wanted(
        ["a", "b"],
        model="text-embedding-3-small",
        dimensions=256,
        encoding_format="base64",
        user="u1",
        input_type="search_query",
        title="Cats",
        truncate="START",
        provider={"order": ["x"]},
    )
    assert found == Wanted(
        "text-embedding-3-small",
        ["a", "b"],
        dimensions=256,
        encoding_format="base64",
        user="u1",
        input_type="query",
        title="Cats",
        truncate="start",
        extras={"provider": {"order": ["x"]}},
    )


@pytest.mark.parametrize(
    ("given_input", "inputs"),
    [
        ("a", ["a"]),
        ("", [""]),
        (["a", ""], ["a", ""]),
        ([1, 2], [[1, 2]]),
        ([[1], [2, 3]], [[1], [2, 3]]),
        ([PICTURE], [Mixed([Image("image/png", PNG)])]),
        ([FAR], [Mixed([Image(url="https://example.com/cat.png")])]),
        ([{"type": "image_url", "image_url": "http://x/y"}], [Mixed([Image(url="http://x/y")])]),
        (["a", BOTH], ["a", Mixed(["a cat", Image("image/png", PNG)])]),
        ([{"type": "text", "text": "a"}, {"content": [{"type": "text", "text": "b"}]}], ["a", "b"]),
    ],
)
def test_an_input_is_a_text_tokens_or_parts(given_input, inputs):
    assert wanted(given_input).inputs == inputs


def test_null_is_as_if_it_were_absent():
    nothing = dict.fromkeys(("dimensions", "encoding_format", "user", "task_type", "title", "truncate", "other"))
    assert wanted("a", **nothing) == wanted("a")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("RETRIEVAL_QUERY", "query"),
        ("search_document", "document"),
        ("SEMANTIC_SIMILARITY", "similarity"),
        ("CODE_RETRIEVAL_QUERY", "code_query"),
        ("Something-New", "Something-New"),
    ],
)
def test_any_providers_word_says_what_the_vectors_are_for(said, meant):
    assert wanted(input_type=said).input_type == meant
    assert wanted(task_type=said).input_type == meant
    assert wanted(task_type=said, input_type=said).input_type == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("NONE", "none"), ("Left", "start"), ("END", "end"), (True, "end"), (False, "none")]
)
def test_truncation_is_an_end_or_a_truth(said, meant):
    assert wanted(truncate=said).truncate == meant


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"input": "a"}, "model"),
        ({"model": 5, "input": "a"}, "model"),
        ({"model": "m"}, "input"),
        ({"model": "m", "input": []}, "input"),
        ({"model": "m", "input": 5}, "input"),
        ({"model": "m", "input": {"type": "text", "text": "a"}}, "input"),
        ({"model": "m", "input": ["a", 5]}, "input[1]"),
        ({"model": "m", "input": ["a", None]}, "input[1]"),
        ({"model": "m", "input": [True]}, "input[0]"),
        ({"model": "m", "input": [1, "a"]}, "input[1]"),
        ({"model": "m", "input": [1, -2]}, "input[1]"),
        ({"model": "m", "input": [1, True]}, "input[1]"),
        ({"model": "m", "input": [[1], []]}, "input[1]"),
        ({"model": "m", "input": [[1.5]]}, "input[0][0]"),
        ({"model": "m", "input": ["a", [1]]}, "input"),
        ({"model": "m", "input": [{}]}, "input[0].type"),
        ({"model": "m", "input": [{"content": "a"}]}, "input[0].content"),
        ({"model": "m", "input": [{"content": []}]}, "input[0].content"),
        ({"model": "m", "input": [{"content": [5]}]}, "input[0].content[0]"),
        ({"model": "m", "input": [{"content": [{"type": "input_audio"}]}]}, "input[0].content[0].type"),
        ({"model": "m", "input": [{"type": "text"}]}, "input[0].text"),
        ({"model": "m", "input": [{"type": "image_url"}]}, "input[0].image_url"),
        ({"model": "m", "input": [{"type": "image_url", "image_url": {"url": 5}}]}, "input[0].image_url.url"),
        ({"model": "m", "input": [{"type": "image_url", "image_url": "file:///etc/passwd"}]}, "input[0].image_url"),
        ({"model": "m", "input": [{"type": "image_url", "image_url": "data:image/png,xx"}]}, "input[0].image_url"),
        ({"model": "m", "input": "a", "dimensions": 0}, "dimensions"),
        ({"model": "m", "input": "a", "dimensions": True}, "dimensions"),
        ({"model": "m", "input": "a", "dimensions": 1.5}, "dimensions"),
        ({"model": "m", "input": "a", "encoding_format": "int8"}, "encoding_format"),
        ({"model": "m", "input": "a", "user": 5}, "user"),
        ({"model": "m", "input": "a", "input_type": 5}, "input_type"),
        ({"model": "m", "input": "a", "input_type": "query", "task_type": "CLUSTERING"}, "task_type"),
        ({"model": "m", "input": "a", "truncate": "MIDDLE"}, "truncate"),
        ({"model": "m", "input": "a", "truncate": 1}, "truncate"),
    ],
)
def test_what_is_odd_is_refused_by_its_place(body, place):
    with pytest.raises(Refusal) as no:
        read_request(body)
    assert no.value.status == 400
    assert no.value.sentence.startswith(f"{place}: ")


members = st.sampled_from(("model", "input", "type", "text", "content", "image_url", "url", "dimensions", "truncate"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("image_url"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(members, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(members, values), st.booleans())
def test_nonsense_is_refused_and_raises_nothing_else(body, named):
    with contextlib.suppress(Refusal):
        found = read_request({**body, "model": "m"} if named else body)
        assert found.inputs
        json.dumps(found.extras)
