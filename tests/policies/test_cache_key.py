import asyncio
import json
import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Remembered
from gateway.policies.cache_key import LARGEST, Keys, canonical
from gateway.stores.memory import Memory
from tests.policies.cached import ANSWER, CHAT, SOURCES, Upstream, ask, cache, client


def key(call, scope="token", name="acme/main", chosen=None, sources=SOURCES):
    return Keys(name, scope, sources).of(call, chosen)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a":1,"b":2}', b'{"b":2,"a":1}'),
        (b'{"a": [1, {"x":1,"y":2}]}', b'{\n"a":\t[1,{"y":2,"x":1}] }'),
        (b'{"a":"\\u00e9\\ud83d\\ude00\\/"}', '{"a":"é😀/"}'.encode()),
    ],
)
def test_how_json_is_written_does_not_matter(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a":1}', b'{"a":1.0}'),
        (b'{"a":1}', b'{"a":true}'),
        (b'{"a":1}', b'{"a":"1"}'),
        (b'{"a":null}', b"{}"),
        (b'{"a":[1,2]}', b'{"a":[2,1]}'),
        (b'{"a":18446744073709551617}', b'{"a":18446744073709551618}'),
        (b'{"a":0.1}', b'{"a":0.10000000000000000001}'),
        (b'{"a":1e400}', b'{"a":2e400}'),
        (b'{"a":"x","a":"y"}', b'{"a":"y"}'),
        (b'{"a":{"b":1,"b":2}}', b'{"a":{"b":2}}'),
        (b'{"a":NaN}', b'{"a":Infinity}'),
        (b'{"a":1}', b'{"a":1'),
        (b'{"a":"\\ud800"}', b'{"a":"\\ud801"}'),
        (b'{"a":"\xff"}', b'{"a":"\xfe"}'),
        (b"[" * 100_000, b"[" * 100_001),
        (b'{"a":' + b"1" * 5000 + b"}", b'{"a":' + b"2" * 5000 + b"}"),
        (b'={"a":1}', b'{"a":1}'),
        (b'{"a": 1}' + b" " * LARGEST, b'{"a":1}'),
        (b"\xef\xbb\xbf{}", b"{}"),
        ('{"a":1}'.encode("utf-16"), b'{"a":1}'),
    ],
)
def test_what_may_change_the_answer_does(one, other):
    assert canonical(one) != canonical(other)


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.text(max_size=4), trees, max_size=4), st.randoms())
def test_any_json_written_in_two_ways_has_one_form(tree, chance):
    def shuffled(node):
        if isinstance(node, dict):
            names = list(node)
            chance.shuffle(names)
            return {name: shuffled(node[name]) for name in names}
        return [shuffled(one) for one in node] if isinstance(node, list) else node

    plain = json.dumps(tree).encode()
    try:
        other = json.dumps(shuffled(tree), ensure_ascii=False, indent=2).encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        return
    tight = json.dumps(shuffled(tree), separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(plain) == canonical(other) == canonical(tight)
    assert canonical(plain)[:1] == b"="


@pytest.mark.parametrize("text", [b"", b"hello", b"\x00\xff", b"--x\r\ncontent-disposition: form-data"])
def test_what_is_no_json_counts_byte_by_byte(text):
    assert canonical(text) == b"-" + text


@pytest.mark.parametrize(
    "header",
    [
        (b"user-agent", b"OpenAI/Python 2"),
        (b"x-stainless-retry-count", b"1"),
        (b"x-stainless-lang", b"python"),
        (b"x-request-id", b"77"),
    ],
)
@pytest.mark.parametrize("scope", ["token", "gateway"])
def test_headers_that_change_no_answer_are_left_out(scope, header):
    assert key(ask(headers=[header]), scope).name == key(ask(), scope).name


@pytest.mark.parametrize(
    "control",
    [
        {"traceparent": b"00-1-1-01"},
        {"cf_aig_metadata": b'{"a":1}'},
        {"cf_aig_event_id": b"1"},
        {"cf_aig_collect_log": b"false"},
        {"cf_aig_authorization": b"Bearer x"},
        {"cf_aig_max_attempts": b"2"},
        {"cf_aig_cache_ttl": b"60"},
    ],
)
def test_headers_to_us_that_change_no_answer_are_left_out(control):
    assert key(ask(**control)).name == key(ask()).name


def test_the_order_of_headers_does_not_matter_but_that_of_repeats_does():
    one, two, three = (b"accept", b"a"), (b"openai-beta", b"b"), (b"openai-beta", b"c")
    assert key(ask(headers=[one, two, three])).name == key(ask(headers=[two, one, three])).name
    assert key(ask(headers=[two, three])).name != key(ask(headers=[three, two])).name
    coded = [key(ask(headers=[(b"accept-encoding", value)])).name for value in (b"gzip, br", b"BR,gzip", b"gzip")]
    assert coded[0] == coded[1] != coded[2]


def test_remembered_headers_give_the_same_key():
    keys = Keys("acme/main", "gateway", SOURCES)
    call = ask(headers=[(b"authorization", b"Bearer k"), (b"accept", b"x")])
    noted = msgspec.structs.replace(call, headers=Remembered(call.headers))
    assert keys.of(noted) == keys.of(noted) == keys.of(call)
    assert keys.of(noted, b"mine").name != keys.of(noted).name


def asks(call, **said):
    return msgspec.structs.replace(call, asked=msgspec.structs.replace(CHAT, **said))


DIFFERENT = {
    "provider": lambda call: msgspec.structs.replace(call, provider="q"),
    "path": lambda call: msgspec.structs.replace(call, path=b"completions"),
    "query": lambda call: msgspec.structs.replace(call, query=b"a=1"),
    "body": lambda call: msgspec.structs.replace(call, body=b'{"model":"m","x":1}'),
    "model": lambda call: asks(call, model="n"),
    "dialect": lambda call: asks(call, dialect="openai_completions"),
    "stream": lambda call: asks(call, stream=True),
    "operation": lambda call: asks(call, operation="embeddings"),
    "form": lambda call: msgspec.structs.replace(call, form="anthropic_messages"),
    "accept": lambda call: msgspec.structs.replace(call, headers=[*call.headers, (b"accept", b"text/event-stream")]),
    "beta": lambda call: msgspec.structs.replace(call, headers=[*call.headers, (b"anthropic-beta", b"x")]),
    "unheard": lambda call: msgspec.structs.replace(call, headers=[*call.headers, (b"x-new", b"x")]),
    "cookie": lambda call: msgspec.structs.replace(call, headers=[*call.headers, (b"cookie", b"me")]),
    "alias": lambda call: msgspec.structs.replace(call, control={b"cf-aig-byok-alias": b"other"}),
    "target": lambda call: msgspec.structs.replace(call, control={b"x-fal-target-url": b"https://queue"}),
    "unheard of ours": lambda call: msgspec.structs.replace(call, control={b"cf-aig-new": b"1"}),
}  # fmt: skip
PRIVATE = {
    "token": lambda call: ask(token="other"),
    "client key": lambda call: msgspec.structs.replace(call, headers=[*call.headers, (b"authorization", b"Bearer b")]),
}
REPLACED = {"path", "body", "model"}


@pytest.mark.parametrize("what", [*DIFFERENT, *PRIVATE])
def test_whatever_differs_makes_another_key(what):
    change = (DIFFERENT | PRIVATE)[what]
    assert key(change(ask())).name != key(ask()).name
    assert (key(change(ask()), "gateway").name == key(ask(), "gateway").name) == (what in PRIVATE)
    same = key(change(ask()), chosen=b"mine").name == key(ask(), chosen=b"mine").name
    assert same == (what in REPLACED)


def test_a_key_of_the_clients_own_is_never_another_accounts_gateways_or_scopes():
    names = {
        key(ask(token=token), scope, gateway, b"mine").name
        for token in ("", "a", "b")
        for scope in ("token", "gateway")
        for gateway in ("acme/main", "acme/main2", "other/main")
    }
    assert len(names) == 3 * (3 + 1)


def test_other_settings_of_a_provider_make_another_key():
    changed = {"p": msgspec.structs.replace(SOURCES["p"], edition="2")}
    assert key(ask(), sources=changed).name != key(ask()).name


def test_nothing_of_a_call_can_be_read_from_its_key():
    call = ask(b'{"secret":"body"}', token="tok", headers=[(b"authorization", b"Bearer sk-1")])
    name = key(call, chosen=b"mine").name
    assert name.startswith("cache/acme/main/")
    assert set(name.removeprefix("cache/acme/main/")) <= set(string.hexdigits)


def test_calls_are_asked_together_only_where_one_cannot_fail_for_the_others_fault():
    bad = ask(headers=[(b"authorization", b"Bearer bad")])
    assert key(bad, "gateway").name == key(ask(), "gateway").name
    assert key(bad, "gateway").twins != key(ask(), "gateway").twins
    hasty = ask(cf_aig_request_timeout=b"1")
    assert key(hasty).name == key(ask()).name
    assert key(hasty).twins != key(ask()).twins


parts = st.fixed_dictionaries(
    {
        "gateway": st.sampled_from(["a/b", "a/bc", "ab/c"]),
        "token": st.sampled_from(["", "t", "tt", "t/u"]),
        "secret": st.sampled_from([b"", b"k", b"kk", b"k\nx"]),
        "query": st.sampled_from([b"", b"k", b"q=1"]),
        "chosen": st.sampled_from([None, b"k", b"t", b"kk"]),
        "body": st.sampled_from([b"", b"k", b"{}", b'{"a":1}', b'{"a":1,"b":2}']),
    }
)


@settings(deadline=None, max_examples=150)
@given(parts, parts)
def test_no_call_of_a_tenant_is_ever_answered_with_anothers(one, other):
    store, upstream = Memory(), Upstream(ANSWER)

    def made(said):
        headers = [(b"authorization", said["secret"])] if said["secret"] else []
        call = ask(said["body"], token=said["token"], headers=headers)
        control = {b"cf-aig-cache-key": said["chosen"]} if said["chosen"] is not None else {}
        return msgspec.structs.replace(call, query=said["query"], control=control)

    async def story():
        for said in (one, other):
            got = await client(cache(store=store, name=said["gateway"]), upstream, made(said))
        return got.cache

    def counts(said):
        return {name: value for name, value in said.items() if name != "body" or said["chosen"] is None}

    assert asyncio.run(story()) == ("HIT" if counts(one) == counts(other) else "MISS")
