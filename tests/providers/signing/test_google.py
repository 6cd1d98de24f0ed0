"""Google's tokens, against a token endpoint that checks the assertion's signature with the account's public key."""

import asyncio
import base64
import json
import time
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.providers.outbound import Outbound, Target
from gateway.providers.signing import google
from gateway.settings.units import Secret
from tests.providers.calls import provider

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


ACCOUNT = {
    "type": "service_account",
    "client_email": "me@p.iam.gserviceaccount.com",
    "private_key": pem(PRIVATE),
    "private_key_id": "kid1",
    "project_id": "p",
    "region": "us-east5",
    "token_uri": "https://tokens.internal/token",
}
CLIENTS = ACCOUNT | {"token_uri": "https://oauth2.googleapis.com/token"}


class Tokens:
    """A token endpoint: it numbers its tokens and checks who asks."""

    def __init__(self, expires_in=3599, status=200, answer=None, wait=0.0):
        self.expires_in, self.status, self.answer, self.wait = expires_in, status, answer, wait
        self.asked = []

    async def __call__(self, method, url, headers, body):
        self.asked.append(url)
        await asyncio.sleep(self.wait)
        if self.answer is not None:
            return self.status, self.answer
        form = parse_qs(body.decode())
        assert (method, dict(headers)[b"content-type"]) == ("POST", b"application/x-www-form-urlencoded")
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        signed, _, signature = form["assertion"][0].rpartition(".")
        PRIVATE.public_key().verify(decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        head, claims = (json.loads(decoded(part)) for part in signed.split("."))
        assert (head["alg"], head["kid"]) == ("RS256", "kid1")
        assert claims["aud"] == url
        assert claims["iss"] == ACCOUNT["client_email"]
        assert abs(claims["iat"] - time.time()) < 30
        assert claims["exp"] - claims["iat"] == 3600
        token = {"access_token": f"ya29.{len(self.asked)}", "expires_in": self.expires_in, "token_type": "Bearer"}
        return 200, json.dumps(token).encode()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def outbound(*headers):
    return Outbound("POST", Target("https", "us-east5-aiplatform.googleapis.com", 443, b"/v1/x"), list(headers), b"{}")


def bearer(account):
    return b"authorization", b"Bearer " + base64.b64encode(json.dumps(account).encode())


def stored(tokens, account=ACCOUNT):
    return provider("google-vertex-ai").signer(Secret(json.dumps(account)), tokens)


def test_a_stored_service_account_becomes_an_access_token_in_place_of_the_clients():
    tokens = Tokens()
    sent = outbound((b"authorization", b"Bearer clients"), (b"x-goog-api-key", b"clients"), (b"accept", b"*/*"))
    headers = asyncio.run(stored(tokens).sign(sent))
    assert headers == [(b"accept", b"*/*"), (b"authorization", b"Bearer ya29.1")]
    assert tokens.asked == ["https://tokens.internal/token"]


def test_a_token_is_minted_once_for_all_who_wait_and_kept():
    tokens = Tokens(wait=0.05)
    signer = stored(tokens)

    async def crowd():
        await asyncio.gather(*(signer.sign(outbound()) for _ in range(20)))
        await signer.sign(outbound())

    asyncio.run(crowd())
    assert len(tokens.asked) == 1


def test_a_token_is_renewed_five_minutes_before_its_end(monkeypatch):
    tokens = Tokens(expires_in=3600)
    signer = stored(tokens)
    clock = time.monotonic()
    monkeypatch.setattr(google.time, "monotonic", lambda: clock)

    async def at(seconds):
        nonlocal clock
        clock += seconds
        return dict(await signer.sign(outbound()))[b"authorization"]

    async def day():
        return [await at(0), await at(3299), await at(2)]

    assert asyncio.run(day()) == [b"Bearer ya29.1", b"Bearer ya29.1", b"Bearer ya29.2"]


def test_a_short_lived_token_is_used_for_half_its_life():
    tokens = Tokens(expires_in=60)
    signer = stored(tokens)

    async def twice():
        await signer.sign(outbound())
        await signer.sign(outbound())

    asyncio.run(twice())
    assert len(tokens.asked) == 1


def test_who_leaves_does_not_take_the_token_from_those_who_wait():
    tokens = Tokens(wait=0.05)
    signer = stored(tokens)

    async def story():
        first = asyncio.create_task(signer.sign(outbound()))
        second = asyncio.create_task(signer.sign(outbound()))
        await asyncio.sleep(0.02)
        first.cancel()
        headers = await second
        assert first.cancelled()
        return headers

    assert asyncio.run(story()) == [(b"authorization", b"Bearer ya29.1")]
    assert len(tokens.asked) == 1


def test_a_failure_nobody_waits_for_is_quiet_and_not_remembered():
    tokens = Tokens(status=500, answer=b"", wait=0.02)
    signer = stored(tokens)

    async def story():
        only = asyncio.create_task(signer.sign(outbound()))
        await asyncio.sleep(0.01)
        only.cancel()
        await asyncio.sleep(0.05)
        tokens.answer = None
        return await signer.sign(outbound())

    assert asyncio.run(story()) == [(b"authorization", b"Bearer ya29.2")]


@pytest.mark.parametrize(
    ("status", "answer", "refused", "word"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "secret words"}', 401, "invalid_grant"),
        (401, b'{"error": "<script>"}', 401, "status 401"),
        (403, b"not json", 401, "status 403"),
        (429, b"", 502, "429"),
        (502, b"", 502, "502"),
        (200, b"{}", 502, "no access token"),
        (200, b'{"access_token": "a\\r\\nx: y"}', 502, "no access token"),
        (200, b"[" * 100_000, 502, "no access token"),
    ],
)
def test_what_the_endpoint_says_becomes_a_clear_refusal(status, answer, refused, word):
    with pytest.raises(Refusal) as no:
        asyncio.run(stored(Tokens(status=status, answer=answer)).sign(outbound()))
    assert no.value.status == refused
    assert word in no.value.sentence
    assert "secret" not in no.value.sentence
    assert "PRIVATE" not in no.value.sentence


@pytest.mark.parametrize("wrong", ["not a key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_private_key_that_is_no_rsa_key_is_refused(wrong):
    with pytest.raises(Refusal) as no:
        asyncio.run(stored(Tokens(), ACCOUNT | {"private_key": wrong}).sign(outbound()))
    assert (no.value.status, no.value.code) == (401, "key_rejected")


def test_a_clients_service_account_is_exchanged_for_a_token():
    tokens = Tokens()
    signer = provider("google-vertex-ai").signer(None, tokens)
    sent = outbound((b"accept", b"*/*"), bearer(CLIENTS), (b"a", b"1"))
    headers = asyncio.run(signer.sign(sent))
    assert headers == [(b"accept", b"*/*"), (b"authorization", b"Bearer ya29.1"), (b"a", b"1")]
    assert asyncio.run(signer.sign(sent)) == headers
    assert tokens.asked == ["https://oauth2.googleapis.com/token"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com.evil.com/token",
        "https://169.254.169.254/latest",
        "https://oauth2.googleapis.com/token?x",
        "",
    ],
)
def test_a_client_cannot_send_us_to_a_token_endpoint_of_its_own(elsewhere):
    tokens = Tokens()
    signer = provider("google-vertex-ai").signer(None, tokens)
    with pytest.raises(Refusal) as no:
        asyncio.run(signer.sign(outbound(bearer(CLIENTS | {"token_uri": elsewhere}))))
    assert (no.value.status, no.value.code) == (400, "invalid_key")
    assert tokens.asked == []


def test_a_clients_key_of_another_kind_or_too_long_is_refused():
    signer = provider("google-vertex-ai").signer(None, Tokens())
    for wrong in ({"a": 1}, CLIENTS | {"private_key": "x" * 5000}, {**CLIENTS, "client_email": 1}):
        with pytest.raises(Refusal) as no:
            asyncio.run(signer.sign(outbound(bearer(wrong))))
        assert no.value.status == 400


@pytest.mark.parametrize(
    "value",
    [b"Bearer ya29.token", b"Bearer eyJhb.eyJpc.sig", b"Basic e30=", b"Bearer e", b"", b"Bearer eHh4"],
)
def test_any_other_credential_of_a_client_passes(value):
    signer = provider("google-vertex-ai").signer(None, Tokens())
    sent = outbound((b"authorization", value))
    assert asyncio.run(signer.sign(sent)) is sent.headers


def test_clients_are_told_apart_and_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(google, "MOST_CLIENTS", 2)
    tokens = Tokens()
    signer = provider("google-vertex-ai").signer(None, tokens)

    async def story():
        for name in ("a", "b", "a", "c", "a", "b"):
            await signer.sign(outbound(bearer(CLIENTS | {"note": name})))

    asyncio.run(story())
    assert len(tokens.asked) == 4
    assert len(signer.sources) == 2


def test_a_plain_stored_key_goes_out_as_an_api_key_or_as_a_bearer():
    made = provider("google-vertex-ai")
    assert asyncio.run(made.signer(Secret("AIzaX")).sign(outbound())) == [(b"x-goog-api-key", b"AIzaX")]
    assert asyncio.run(made.signer(Secret("ya29.x")).sign(outbound())) == [(b"authorization", b"Bearer ya29.x")]


def test_no_secret_shows_in_a_signer():
    signer = stored(Tokens())
    asyncio.run(signer.sign(outbound()))
    shown = repr(signer) + repr(vars(signer)) + repr(vars(signer.source) | {"header": ""}) + repr(signer.source.account)
    assert "PRIVATE" not in shown


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda raw: b"Bearer " + base64.b64encode(b"{" + raw)))
def test_any_authorization_header_can_be_looked_at(value):
    text = google.account_in(value)
    assert text == b"" or text.lstrip().startswith(b"{")
