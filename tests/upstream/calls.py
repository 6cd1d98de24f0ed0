"""Calls as the edge makes them, lanes as the composer makes them, and answers with a body that a script plays."""

import time

import httpx2

from gateway.call import Asked, Attempt, Call, Record, Reply
from gateway.providers.provider import compiled
from gateway.settings.blocks import ProviderBlock
from gateway.settings.units import Secret
from gateway.upstream.keys import Key, Ring
from gateway.upstream.lane import Lane

PATIENT = {"connect": 2.0, "first_byte": 2.0, "idle": 2.0, "total": 5.0, "pool": 2.0}
CHAT = Asked("chat", "openai_chat", "gpt-4o-mini")


def call(provider="openai", path=b"chat/completions", body=b"{}", asked=CHAT, **control):
    record = Record(id="1", created=time.time_ns(), started=time.perf_counter(), asked=asked)
    said = {name.replace("_", "-").encode(): value for name, value in control.items()}
    headers = [(b"content-type", b"application/json")]
    return Call("POST", provider, path, b"", headers, said, body, asked, record)


def with_headers(one, *headers):
    return Call(
        one.method, one.provider, one.path, one.query, [*one.headers, *headers], one.control, one.body, one.asked,
        one.record,
    )  # fmt: skip


def provider(url, name="openai", **fields):
    return compiled({name: ProviderBlock(base_url=url, **fields)})[name]


def ring(provider, *secrets, alias="default"):
    return Ring(alias, [Key(provider.signer(Secret(one), None), Secret(one)) for one in secrets])


def lane(provider, transport, rings=None, policy="prefer", timeout=None, headers=()):
    return Lane(
        provider=provider, transport=transport, rings=rings or {}, own=Ring("", [Key(provider.signer(None, None))]),
        client_keys=policy, timeout=PATIENT | (timeout or {}), headers=list(headers),
        traceparent=lambda trace, span_id: b"00-%b-%b-01" % (trace.trace_id.encode(), span_id.encode()),
    )  # fmt: skip


class Played(httpx2.AsyncByteStream):
    """A body that hands out chunks, and raises what stands among them."""

    def __init__(self, *script):
        self.script, self.closed = list(script), False

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.script:
            raise StopAsyncIteration
        one = self.script.pop(0)
        if isinstance(one, BaseException):
            raise one
        return one

    async def aclose(self):
        self.closed = True


def attempt():
    return Attempt("openai", CHAT, time.perf_counter(), status=200)


def reply(*script, length=None, headers=()):
    body = Played(*script)
    return Reply(200, list(headers), body, length, close=body.aclose)
