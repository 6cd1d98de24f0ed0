"""A client's headers on their way to a provider of another kind, and a provider's back."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from gateway.call import Call, Headers
from gateway.providers.provider import Provider
from gateway.providers.rows import Credential
from gateway.providers.signing.keys import bare, credential, problem

KEY_SLOTS: Final = frozenset((b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key"))
"""Where the four dialects' SDKs put their key."""
QUERY_SLOTS: Final = frozenset((b"key", b"api_key"))
"""Where clients of Google's APIs may put theirs."""
JSON: Final = (b"content-type", b"application/json")
STREAM: Final = (b"content-type", b"text/event-stream; charset=utf-8")
OF_A_DIALECT: Final = (b"anthropic-", b"openai-", b"x-goog-", b"x-stainless-")
REWRITTEN: Final = frozenset((b"content-type", b"content-length", b"content-encoding", b"accept", b"accept-encoding"))
"""Of the body or of its coding: both are made anew."""
OF_THE_BYTES: Final = frozenset(
    (b"etag", b"content-md5", b"digest", b"content-digest", b"repr-digest", b"content-range", b"accept-ranges")
)
"""What is true only of the very bytes that a provider sent."""
VERSION: Final = (b"anthropic-version", b"2023-06-01")
REQUEST_IDS: Final = (b"x-request-id", b"request-id", b"x-amzn-requestid", b"apim-request-id")
"""Headers in which providers say what to call a request by; OpenAI's SDKs read the first, Anthropic's the second."""
DROPPED: Final = b"cf-aig-dropped"
LONGEST: Final = 1024


def keyed(headers: Headers, place: tuple[bytes, bytes], others: frozenset[bytes]) -> Headers:
    """The headers with one key at most, where the provider takes it: at `place`, a header and what stands before a key.

    A key that is there already wins, then one in a slot of `others`, which stays; else the first moves there.
    """
    slot, prefix = place
    slots = KEY_SLOTS | {slot}
    keys = [pair for pair in headers if pair[0] in slots and credential(pair[1])]
    chosen = next((pair for pair in keys if pair[0] == slot), None) or next(
        (pair for pair in keys if pair[0] in others), None
    )
    if chosen is None and keys:
        return [*(pair for pair in headers if pair[0] not in slots), (slot, prefix + bare(keys[0][1]))]
    return [pair for pair in headers if pair[0] not in slots or pair is chosen]


def place_of(provider: Provider, path: bytes) -> tuple[bytes, bytes]:
    """The header in which a provider takes its key at a path, and what stands before the key there."""
    row = provider.row
    if isinstance(row.auth, Credential) and not any(part.encode() in b"/" + path for part in row.bearer_paths):
        return row.auth.header.encode(), row.auth.prefix.encode()
    return b"authorization", b"Bearer "


def passing(call: Call, provider: Provider, path: bytes, more: Headers, *, wrapped: bool = False) -> Headers:
    """What goes along with a body that stays in the client's dialect, perhaps in a cloud with keys of its own."""
    found = keyed(call.headers, place_of(provider, path), frozenset() if wrapped else provider.key_slots)
    kept = [pair for pair in found if pair[0] != b"content-type"]
    names = {name for name, _ in kept}
    return [*kept, JSON, *(pair for pair in more if pair[0] not in names)]


def translated(call: Call, provider: Provider, path: bytes, more: Headers) -> Headers:
    """What goes along with a body that was written anew: nothing that only the client's own provider understands."""
    place = place_of(provider, path)
    kept = [
        pair
        for pair in keyed([*call.headers, *in_query(call.query)], place, frozenset())
        if pair[0] == place[0] or not (pair[0] in REWRITTEN or pair[0].startswith(OF_A_DIALECT))
    ]
    return [*kept, JSON, *more]


def in_query(query: bytes) -> Headers:
    """A key that a client of Google's API wrote into its query, as a header."""
    for part in query.split(b"&") if query else ():
        name, _, value = part.partition(b"=")
        key = unquote_to_bytes(value)
        if unquote_to_bytes(name).lower() in QUERY_SLOTS and not problem(key.decode("latin-1")):
            return [(b"x-goog-api-key", key)]
    return []


def query(call: Call, provider: Provider, ours: bytes) -> bytes:
    """What goes along in the query of a body that stays in the client's dialect: what the client wrote, and `ours`.

    Whether a stream comes as events or as one array (`alt`) is the client's to say, and a key for others stays here.
    """
    made = [part for part in ours.split(b"&") if part and not part.startswith(b"alt=")]
    names = {part.partition(b"=")[0] for part in made}
    for part in call.query.split(b"&"):
        name = unquote_to_bytes(part.partition(b"=")[0]).lower()
        if part and name not in names and (name not in QUERY_SLOTS or provider.client_key([], part)):
            made.append(part)
    return b"&".join(made)


def answered(headers: Headers, kind: tuple[bytes, bytes]) -> Headers:
    """A provider's headers around an answer that was written anew, of the content type `kind`; its request id is there
    under both of the names that clients look for.
    """
    kept = [pair for pair in headers if pair[0] not in REWRITTEN and pair[0] not in OF_THE_BYTES]
    ids = {name: value for name, value in kept if name in REQUEST_IDS}
    if ids:
        id = next(ids[name] for name in REQUEST_IDS if name in ids)
        kept += [(name, id) for name in REQUEST_IDS[:2] if name not in ids]
    return [*kept, kind]


def dropped(names: Sequence[str]) -> Headers:
    """The names of what was left out, as far as a header can hold them: some are the client's own words."""
    text = ", ".join(names)[:LONGEST]
    said = "".join(char if " " <= char <= "~" else "?" for char in text)
    return [(DROPPED, said.encode("ascii"))] if names else []
