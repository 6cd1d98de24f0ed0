"""Requests made once: shared between calls that are alike to the last byte before the body, and between no others."""

import asyncio

import httpx2
import msgspec
import pytest

from gateway.call import Refusal, Remembered, Trace
from gateway.providers.provider import compiled
from gateway.settings.units import Secret
from gateway.upstream.keys import Key
from gateway.upstream.ready import LARGEST, MOST, context, known, place, ready
from tests.upstream.calls import call, lane, provider, ring

URL = "http://127.0.0.1:8080/v1"
AWS = Secret('{"accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "secret", "region": "us-east-1"}')


def remembered(one=None, *headers):
    one = one or call()
    return msgspec.structs.replace(one, headers=Remembered([*one.headers, *headers]))


def openai(**fields):
    """A lane with two stored keys, and those keys."""
    row = provider(URL, **fields)
    keys = ring(row, "sk-1", "sk-2")
    return lane(row, None, {"default": keys}), keys.keys


def made(one, way, key):
    return asyncio.run(ready(one, way, key))


def sent(one, way, key, trace=()):
    found = known(one, key) or made(one, way, key)
    message = found.message(one, list(trace))
    return message.head + message.body


def test_the_same_headers_to_the_same_place_are_made_once():
    way, (key, _) = openai()
    one = remembered()
    assert known(one, key) is None
    first = made(one, way, key)
    assert known(one, key) is first
    other = msgspec.structs.replace(one, body=b'{"another": "body"}')
    assert known(other, key) is first
    assert first.message(other, []).head == (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:8080\r\ncontent-type: application/json\r\n"
        b'authorization: Bearer sk-1\r\ncontent-length: 19\r\n\r\n{"another": "body"}'
    )
    assert (first.place, first.address, first.port) == (("http", b"127.0.0.1", 8080), "127.0.0.1", 8080)


@pytest.mark.parametrize(
    "change", [{"method": "PUT"}, {"path": b"embeddings"}, {"query": b"a=b"}, {"headers": Remembered([(b"x-a", b"b")])}]
)
def test_another_method_path_query_or_set_of_headers_shares_nothing(change):
    way, (key, _) = openai()
    one = remembered()
    made(one, way, key)
    other = msgspec.structs.replace(one, **change)
    assert known(other, key) is None
    assert sent(other, way, key) == sent(msgspec.structs.replace(other, headers=list(other.headers)), way, key)


def test_another_key_shares_nothing_also_where_it_stands_in_the_same_ring():
    way, (first, second) = openai()
    one = remembered()
    for _ in range(2):
        assert b"Bearer sk-1\r\n" in sent(one, way, first)
        assert b"Bearer sk-2\r\n" in sent(one, way, second)
    assert b"sk-" not in sent(one, way, way.own.keys[0])


def test_two_clients_never_share_though_all_but_their_key_is_alike():
    way, _ = openai()
    key = way.own.keys[0]
    clients = [remembered(call(), (b"authorization", b"Bearer client-%d" % number)) for number in range(3)]
    for _ in range(2):
        for number, one in enumerate(clients):
            message = sent(one, way, key)
            assert message.count(b"client-") == 1
            assert b"Bearer client-%d\r\n" % number in message


def test_a_call_with_replaced_headers_is_made_anew():
    way, (key, _) = openai()
    one = remembered()
    made(one, way, key)
    other = msgspec.structs.replace(one, headers=[*one.headers, (b"x-added", b"1")])
    assert known(other, key) is None
    assert b"x-added: 1" in sent(other, way, key)
    assert known(other, key) is None
    assert b"x-added" not in sent(one, way, key)


def test_a_signature_that_time_or_body_changes_is_never_remembered():
    bedrock = compiled({})["aws-bedrock"]
    key = Key(bedrock.signer(AWS), AWS)
    way = lane(bedrock, None)
    one = remembered(call("aws-bedrock", b"bedrock-runtime/us-east-1/model/amazon.nova-lite-v1%3A0/converse"))
    first = made(one, way, key)
    assert known(one, key) is None
    assert one.headers.made == {}
    other = msgspec.structs.replace(one, body=b'{"messages": []}')
    assert made(other, way, key).opening != first.opening


def test_what_is_remembered_with_a_set_of_headers_has_an_end():
    way, (key, _) = openai()
    one = remembered()
    for number in range(5 * MOST):
        made(msgspec.structs.replace(one, path=b"files/%d" % number), way, key)
    assert 0 < len(one.headers.made) <= MOST
    long = msgspec.structs.replace(one, path=b"files/" + b"x" * LARGEST)
    made(long, way, key)
    assert known(long, key) is None


def test_each_call_has_its_own_trace_context():
    way, (key, _) = openai(propagate="traceparent+tracestate")
    one = remembered()
    heads = []
    for digit in "ab":
        one.record.trace = Trace(digit * 32, "c" * 16, state="v=1", sampled=True)
        heads.append(sent(one, way, key, context(one, way, "d" * 16)))
    for digit, other, head in (("a", "b", heads[0]), ("b", "a", heads[1])):
        assert f"traceparent: 00-{digit * 32}-{'d' * 16}-01\r\ntracestate: v=1\r\n".encode() in head
        assert other.encode() * 32 not in head
    one.record.trace = None
    assert b"trace" not in sent(one, way, key, context(one, way, ""))


def test_headers_of_the_settings_stand_in_place_of_the_clients():
    row = provider(URL)
    way = lane(row, None, headers=[(b"content-type", b"text/x"), (b"x-added", b"1")])
    one = remembered()
    for _ in range(2):
        message = sent(one, way, way.own.keys[0])
        assert b"content-type: text/x\r\nx-added: 1\r\n" in message
        assert b"application/json" not in message
    assert one.headers == [(b"content-type", b"application/json")]


@pytest.mark.parametrize("header", [(b"host", b"x"), (b"transfer-encoding", b"chunked"), (b"x-a", b"b\r\nc: d")])
def test_headers_of_the_settings_that_frame_are_not_sent(header):
    way = lane(provider(URL), None, headers=[header])
    one = remembered()
    with pytest.raises(httpx2.LocalProtocolError):
        made(one, way, way.own.keys[0])
    assert one.headers.made == {}


def test_a_key_that_cannot_be_sent_is_refused_each_time():
    row = provider(URL)
    key = Key(row.signer(Secret("a\nb")), Secret("a\nb"))
    one = remembered()
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            made(one, lane(row, None), key)
        assert refused.value.code == "key_unusable"
        assert known(one, key) is None


@pytest.mark.parametrize(("method", "length"), [("GET", 0), ("POST", 1), ("DELETE", 0)])
def test_a_request_without_a_body_has_a_length_only_where_one_is_expected(method, length):
    way, (key, _) = openai()
    one = remembered(msgspec.structs.replace(call(body=b""), method=method))
    assert sent(one, way, key).count(b"content-length: 0\r\n") == length
    # A PUT after it, say, shares nothing of it.
    assert b"content-length: 2\r\n\r\n{}" in sent(msgspec.structs.replace(one, body=b"{}"), way, key)


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (("https", "api.example.com", 443), ("https", b"api.example.com", None)),
        (("http", "api.example.com", 8080), ("http", b"api.example.com", 8080)),
        (("https", "bücher.example", 443), ("https", b"xn--bcher-kva.example", None)),
        (("https", "::1", 8443), ("https", b"::1", 8443)),
    ],
)
def test_a_place_is_named_as_the_pools_name_it_whoever_asks(origin, wanted):
    scheme, host, port = origin
    url = httpx2.URL(scheme=scheme, host=host, port=port)
    assert place(*origin) == place(*origin) == (url.scheme, url.raw_host, url.port) == wanted
