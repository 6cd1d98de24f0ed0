"""Google's credentials: access tokens minted for a service account, stored here or sent by the client.

stored JSON key                      -> Minted: one Source
client's Bearer <base64 of JSON>     -> Exchanged: a Source per client key, the least recently used forgotten
anything else                        -> goes out as it is
"""

import asyncio
import base64
import binascii
import importlib
import re
import time
from collections import OrderedDict
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import msgspec

from gateway.call import Headers, Refusal
from gateway.providers.outbound import Fetch, Outbound, Signer
from gateway.providers.signing.keys import KeyHeader, Relay, Unusable, plain, problem, structured
from gateway.settings.units import Secret

GOOGLE: Final = "https://oauth2.googleapis.com/token"
SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MARGIN: Final = 300.0
"""Seconds before its end from which a token is not handed out any more."""
LIFETIME: Final = 3600
LONGEST_HEADER: Final = 16384
LONGEST_KEY: Final = 4096
"""Characters of a private key; RSA with 4096 bits takes 3272, and a longer one is an attack on our CPU."""
MOST_CLIENTS: Final = 1024
TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")
WORD: Final = re.compile(r"[a-z_]{1,40}")


class Account(msgspec.Struct, frozen=True):
    """The fields of a service account that a token is asked for with."""

    client_email: str
    private_key: str
    private_key_id: str | None = None
    token_uri: str = GOOGLE

    __repr__ = object.__repr__


class Granted(msgspec.Struct):
    """What a token endpoint answers (RFC 6749 section 5)."""

    access_token: str = ""
    expires_in: float = LIFETIME
    error: str = ""

    __repr__ = object.__repr__


def fault(key: Secret) -> str:
    """Why a stored key cannot be used; empty when it can."""
    text = plain(key)
    if not text.startswith("{"):
        return problem(text)
    fields = structured(text)
    missing = [name for name in ("client_email", "private_key") if not fields.get(name)]
    if missing:
        return f"is JSON without {' and '.join(missing)}: it takes the JSON of a service account, with region added"
    if len(fields["private_key"]) > LONGEST_KEY:
        return "has a private key longer than 4096 bits"
    return ""


def signer(key: Secret | None, fetch: Fetch | None, slots: frozenset[bytes]) -> Signer:
    """The signer of a stored key that has no fault, or of whatever the client brings."""
    if key is None:
        return Exchanged(fetch) if fetch else Relay()
    text = plain(key)
    if not text.startswith("{"):
        name, prefix = ("x-goog-api-key", "") if text.startswith("AIza") else ("authorization", "Bearer ")
        return KeyHeader(name, prefix, text, slots)
    if fetch is None:
        return Unusable("A service account's tokens need a way to Google's token endpoint.")
    try:
        importlib.import_module("gateway.providers.signing.rs256")
    except ImportError:
        return Unusable("A stored service account needs google-auth: pip install 'gateway[google]'.")
    return Minted(Source(msgspec.convert(structured(text), Account), fetch), slots)


class Source:
    """One service account's access token: minted when asked for, shared while it is good, renewed once for all."""

    def __init__(self, account: Account, fetch: Fetch) -> None:
        self.account, self.fetch = account, fetch
        self.header = b""
        self.good_until = 0.0
        self.minting: asyncio.Task[bytes] | None = None

    async def token(self) -> bytes:
        """The value of the Authorization header; raises Refusal 401 or 502 when none can be had."""
        if time.monotonic() < self.good_until:
            return self.header
        if self.minting is None:
            self.minting = asyncio.ensure_future(self.mint())
            self.minting.add_done_callback(self.minted)
        # Shielded: whoever leaves must not take the token away from those who wait for the same one.
        return await asyncio.shield(self.minting)

    def minted(self, task: "asyncio.Task[bytes]") -> None:
        """Forget the attempt, and look at its failure: there may be nobody left who waits for it."""
        self.minting = None
        if not task.cancelled():
            task.exception()

    async def mint(self) -> bytes:
        """Ask for a new token and keep it."""
        form = urlencode({"grant_type": GRANT, "assertion": (await self.assertion()).decode()}).encode()
        headers: Headers = [
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"accept", b"application/json"),
        ]
        status, body = await self.fetch("POST", self.account.token_uri, headers, form)
        granted = read(status, body)
        if not TOKEN.fullmatch(granted.access_token):
            raise Refusal(502, 2005, "token_unavailable", "The token endpoint's answer holds no access token.")
        lifetime = max(0.0, min(granted.expires_in, 86400.0))
        self.header = b"Bearer " + granted.access_token.encode("ascii")
        self.good_until = time.monotonic() + max(lifetime - MARGIN, lifetime / 2)
        return self.header

    async def assertion(self) -> bytes:
        """The signed claims; in a thread, for a long RSA key takes milliseconds."""
        account = self.account
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": account.client_email,
            "scope": SCOPE,
            "aud": account.token_uri,
            "iat": now,
            "exp": now + LIFETIME,
        }
        try:
            rs256 = importlib.import_module("gateway.providers.signing.rs256")
            made: bytes = await asyncio.to_thread(rs256.assertion, claims, account.private_key, account.private_key_id)
        except ImportError:
            raise Refusal(
                500, 2040, "key_unusable", "Service accounts need google-auth: pip install 'gateway[google]'."
            ) from None
        except ValueError:
            raise Refusal(401, 2009, "key_rejected", "The service account's private_key is not an RSA key.") from None
        return made


def read(status: int, body: bytes) -> Granted:
    """The token endpoint's answer; raises Refusal 401 where it says no, 502 where it says nothing useful."""
    try:
        granted = msgspec.json.decode(body, type=Granted)
    except (msgspec.DecodeError, RecursionError):
        granted = Granted()
    if status == 200:
        return granted
    if 400 <= status < 500 and status not in (408, 429):
        why = granted.error if WORD.fullmatch(granted.error) else f"status {status}"
        raise Refusal(401, 2009, "key_rejected", f"The token endpoint refused the service account: {why}.")
    raise Refusal(502, 2005, "token_unavailable", f"The token endpoint answered {status}: no access token to be had.")


class Minted:
    """A stored service account: its access token in place of whatever the client brought."""

    constant = False

    def __init__(self, source: Source, slots: frozenset[bytes]) -> None:
        self.source, self.slots = source, slots

    async def sign(self, outbound: Outbound) -> Headers:
        """The client's headers but for their credentials, and the token."""
        token = await self.source.token()
        return [*(pair for pair in outbound.headers if pair[0] not in self.slots), (b"authorization", token)]


class Exchanged:
    """Clients' own credentials: a service account in a bearer becomes its token, all else passes."""

    constant = False

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch
        self.sources: OrderedDict[bytes, Source] = OrderedDict()

    async def sign(self, outbound: Outbound) -> Headers:
        """The client's headers, its service account exchanged; raises Refusal 400 for one we must not follow."""
        for at, (name, value) in enumerate(outbound.headers):
            if name == b"authorization" and (text := account_in(value)):
                token = await self.source(value, text).token()
                return [*outbound.headers[:at], (name, token), *outbound.headers[at + 1 :]]
        return outbound.headers

    def source(self, value: bytes, text: bytes) -> Source:
        """The source for a client's key, remembered by its hash."""
        mark = sha256(value).digest()
        found = self.sources.get(mark)
        if found is None:
            found = self.sources[mark] = Source(allowed(text), self.fetch)
            if len(self.sources) > MOST_CLIENTS:
                self.sources.popitem(last=False)
        self.sources.move_to_end(mark)
        return found


def account_in(value: bytes) -> bytes:
    """The JSON in `Bearer <base64 of JSON>`; empty when it is anything else, such as an access token or a JWT."""
    scheme, _, token = value.strip().partition(b" ")
    token = token.strip()
    # The base64 of anything that begins with a brace begins with an e; a JWT has dots, which base64 has not.
    if scheme.lower() != b"bearer" or not token.startswith(b"e") or len(token) > LONGEST_HEADER:
        return b""
    try:
        text = base64.b64decode(token.translate(URL_SAFE) + b"=" * (-len(token) % 4), validate=True)
    except binascii.Error:
        return b""
    return text if text.lstrip().startswith(b"{") else b""


URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def allowed(text: bytes) -> Account:
    """A client's service account; raises Refusal 400 for one that is none, or would have us call another host."""
    try:
        account = msgspec.json.decode(text, type=Account)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal(400, 2009, "invalid_key", "The bearer is base64, but not of a service account's JSON.") from None
    if account.token_uri != GOOGLE:
        raise Refusal(400, 2009, "invalid_key", f"A service account sent by a client must have token_uri {GOOGLE}.")
    if len(account.private_key) > LONGEST_KEY:
        raise Refusal(400, 2009, "invalid_key", "The service account's private key is longer than 4096 bits.")
    return account
