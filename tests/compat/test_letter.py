"""Which header goes where: keys move to where their provider takes them, and a dialect's own stay among its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compat import letter
from gateway.providers.provider import compiled
from gateway.settings.blocks import Header, ProviderBlock
from tests.compat.scripted import REACH, unified

ALL = compiled(
    {
        "open": ProviderBlock(base_url="http://127.0.0.1:9", auth="none"),
        "odd": ProviderBlock(base_url="http://127.0.0.1:9", auth=Header(header="x-my-key", prefix="Key ")),
    }
)
CHAT = b"chat/completions"
JSON = (b"content-type", b"application/json")
CLIENTS = [
    (b"authorization", b"Bearer k"),
    (b"x-api-key", b"k"),
    (b"x-goog-api-key", b"k"),
    (b"api-key", b"k"),
]
OWN_PLACE = [
    ("openai", CHAT, (b"authorization", b"Bearer k")),
    ("groq", CHAT, (b"authorization", b"Bearer k")),
    ("anthropic", b"v1/messages", (b"x-api-key", b"k")),
    ("google-ai-studio", b"v1beta/models/m:generateContent", (b"x-goog-api-key", b"k")),
    ("azure-openai", b"r/openai/v1/chat/completions", (b"api-key", b"k")),
    ("aws-bedrock", b"model/m/converse", (b"authorization", b"Bearer k")),
    ("google-vertex-ai", b"publishers/google/models/m:generateContent", (b"authorization", b"Bearer k")),
    ("parallel", CHAT, (b"authorization", b"Bearer k")),
    ("custom-open", CHAT, (b"authorization", b"Bearer k")),
    ("custom-odd", CHAT, (b"x-my-key", b"Key k")),
]


def passing(headers, provider="own", path=CHAT, more=(), query=b""):
    return letter.passing(unified(headers=headers, query=query), found(provider), path, list(more))


def translated(headers, provider="own", path=CHAT, more=(), query=b""):
    return letter.translated(unified(headers=headers, query=query), found(provider), path, list(more))


def found(name):
    return REACH["custom-own"] if name == "own" else ALL[name]


def keys(headers):
    return [pair for pair in headers if pair[0] in letter.KEY_SLOTS | {b"x-my-key", b"xi-api-key"}]


@pytest.mark.parametrize("sent", CLIENTS, ids=lambda pair: pair[0].decode())
@pytest.mark.parametrize(("provider", "path", "place"), OWN_PLACE, ids=[one[0] for one in OWN_PLACE])
def test_a_clients_key_moves_to_where_the_provider_takes_it(sent, provider, path, place):
    assert keys(translated([sent], provider, path)) == [place]


def test_a_client_that_speaks_the_providers_dialect_puts_its_key_where_it_likes():
    oauth = (b"authorization", b"Bearer sk-ant-oat")
    assert keys(passing([oauth], "anthropic", b"v1/messages")) == [oauth]
    express = (b"x-goog-api-key", b"AIza")
    assert keys(passing([express], "google-vertex-ai", b"publishers/google/models/m:generateContent")) == [express]
    assert keys(passing([(b"x-api-key", b"k")], "google-vertex-ai", b"p")) == [(b"authorization", b"Bearer k")]


def test_a_cloud_takes_no_key_where_the_maker_does():
    call = unified(headers=[(b"x-api-key", b"k")])
    bedrock = found("aws-bedrock")
    assert keys(letter.passing(call, bedrock, b"model/m/invoke", [])) == [(b"x-api-key", b"k")]
    assert keys(letter.passing(call, bedrock, b"model/m/invoke", [], wrapped=True)) == [(b"authorization", b"Bearer k")]


@pytest.mark.parametrize("write", [passing, translated])
@pytest.mark.parametrize(("provider", "path", "place"), OWN_PLACE, ids=[one[0] for one in OWN_PLACE])
def test_of_several_keys_only_the_one_in_the_providers_own_slot_leaves(write, provider, path, place):
    others = [pair for pair in [(name, b"other") for name, _ in CLIENTS] if pair[0] != place[0]]
    for headers in ([*others, place], [place, *others], [*others[:1], place, (place[0], b"later"), *others[1:]]):
        assert keys(write(headers, provider, path)) == [place]


def test_without_the_providers_own_slot_the_first_key_leaves_alone():
    several = [(b"x-api-key", b"one"), (b"x-goog-api-key", b"two")]
    assert keys(translated(several, "groq")) == [(b"authorization", b"Bearer one")]
    assert keys(passing(several, "groq")) == [(b"authorization", b"Bearer one")]


@pytest.mark.parametrize("nothing", [b"", b"Bearer", b"Bearer ", b"  "])
def test_what_is_no_key_is_no_reason_to_move_anything_and_goes_nowhere(nothing):
    headers = [(b"authorization", nothing), (b"x-goog-api-key", b"k")]
    assert keys(translated(headers, "anthropic", b"v1/messages")) == [(b"x-api-key", b"k")]
    assert keys(translated(headers[:1], "anthropic", b"v1/messages")) == []


def test_the_key_of_a_query_goes_into_the_slot_of_a_provider_with_another_dialect():
    assert keys(translated([], "groq", query=b"alt=sse&key=AI%2Bza")) == [(b"authorization", b"Bearer AI+za")]
    assert keys(translated([], "groq", query=b"k%65y=AIza")) == [(b"authorization", b"Bearer AIza")]
    assert keys(translated([(b"x-goog-api-key", b"k")], "groq", query=b"key=x")) == [(b"authorization", b"Bearer k")]
    for odd in (b"key=a%0d%0ax-evil:%20b", b"key=%ff", b"key=", b"key"):
        assert keys(translated([], "groq", query=odd)) == []


def test_nothing_of_the_clients_dialect_reaches_a_provider_of_another():
    own = [
        (b"anthropic-version", b"2023-06-01"), (b"anthropic-beta", b"x"), (b"openai-organization", b"o"),
        (b"openai-project", b"p"), (b"x-goog-api-client", b"g"), (b"x-stainless-lang", b"python"),
        (b"accept", b"text/event-stream"), (b"accept-encoding", b"gzip"), (b"content-encoding", b"identity"),
    ]  # fmt: skip
    others = [(b"user-agent", b"mine"), (b"x-request-id", b"7")]
    assert translated([*own, *others], "groq") == [*others, JSON]
    assert translated(own, "anthropic", b"v1/messages", [letter.VERSION]) == [JSON, letter.VERSION]


def test_all_of_the_clients_dialect_reaches_a_provider_of_its_own():
    sent = [(b"openai-organization", b"o"), (b"x-stainless-lang", b"python"), (b"accept-encoding", b"gzip")]
    assert passing(sent) == [*sent, JSON]


def test_a_version_is_added_where_the_client_sends_none():
    assert passing([], "anthropic", more=[letter.VERSION]) == [JSON, letter.VERSION]
    sent = (b"anthropic-version", b"2024-01-01")
    assert passing([sent], "anthropic", more=[letter.VERSION]) == [sent, JSON]


@pytest.mark.parametrize(
    ("provider", "ours", "query", "expected"),
    [
        ("google-ai-studio", b"alt=sse", b"", b""),
        ("google-ai-studio", b"alt=sse", b"alt=sse", b"alt=sse"),
        ("google-ai-studio", b"alt=sse", b"key=k&alt=json", b"key=k&alt=json"),
        ("google-ai-studio", b"alt=sse", b"key=k&&$alt=sse", b"key=k&$alt=sse"),
        ("anthropic", b"", b"beta=true", b"beta=true"),
        ("anthropic", b"", b"beta=true&key=k&k%65y=k&API_KEY=k", b"beta=true"),
        ("openai", b"", b"", b""),
        ("openai", b"api-version=1", b"api-version=2&x=%2F", b"api-version=1&x=%2F"),
    ],
)
def test_a_query_is_the_clients_but_for_what_is_ours_and_keys_of_others(provider, ours, query, expected):
    assert letter.query(unified(query=query), ALL[provider], ours) == expected


def test_an_answers_headers_are_the_providers_but_for_those_of_its_body():
    sent = [
        (b"content-type", b"application/vnd.amazon.eventstream"), (b"content-length", b"9"), (b"x-request-id", b"7"),
        (b"content-encoding", b"gzip"), (b"retry-after", b"3"), (b"etag", b"e"), (b"content-digest", b"d"),
    ]  # fmt: skip
    kept = [(b"x-request-id", b"7"), (b"retry-after", b"3")]
    assert letter.answered(sent, letter.STREAM) == [*kept, (b"request-id", b"7"), letter.STREAM]


@pytest.mark.parametrize("name", [b"request-id", b"x-amzn-requestid", b"apim-request-id"])
def test_a_providers_request_id_is_where_each_sdk_looks_for_it(name):
    given = letter.answered([(name, b"7")], letter.JSON)
    assert {(b"x-request-id", b"7"), (b"request-id", b"7"), (name, b"7")} == set(given) - {letter.JSON}


def test_what_was_dropped_is_told_in_one_header():
    assert letter.dropped([]) == []
    assert letter.dropped(["seed", "top_k"]) == [(b"cf-aig-dropped", b"seed, top_k")]


@given(st.lists(st.text(), min_size=1, max_size=9))
def test_no_name_of_a_clients_leaves_its_header(names):
    [(name, value)] = letter.dropped(names)
    assert name == b"cf-aig-dropped"
    assert len(value) <= letter.LONGEST
    assert all(0x20 <= byte <= 0x7E for byte in value)
