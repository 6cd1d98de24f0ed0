"""Amazon's credentials: a JSON key that signs each call, or an API key that goes out as a bearer."""

import importlib
from typing import Any, Final

from gateway.call import Headers
from gateway.providers.outbound import Outbound, Signer
from gateway.providers.signing.keys import KeyHeader, Unusable, plain, problem, structured
from gateway.settings.units import Secret

FIELDS: Final = ("accessKeyId", "secretAccessKey", "region")


def fault(key: Secret) -> str:
    """Why a stored key cannot be used; empty when it can."""
    text = plain(key)
    if not text.startswith("{"):
        return problem(text)
    fields = structured(text)
    missing = [name for name in FIELDS if not fields.get(name)]
    if missing:
        return f"is JSON without {', '.join(missing)}: it takes {', '.join(FIELDS)} and, if temporary, sessionToken"
    return problem("".join(fields[name] for name in FIELDS))


def signer(key: Secret, slots: frozenset[bytes]) -> Signer:
    """The signer of a stored key that has no fault."""
    text = plain(key)
    if not text.startswith("{"):
        return KeyHeader("authorization", "Bearer ", text, slots)
    try:
        sigv4 = importlib.import_module("gateway.providers.signing.sigv4")
    except ImportError:
        return Unusable("A stored AWS key needs botocore: pip install 'gateway[aws]'.")
    return Signature(sigv4, structured(text), slots)


class Signature:
    """A JSON key: every call is signed with it, as the bytes that go out."""

    constant = False

    def __init__(self, sigv4: Any, fields: dict[str, str], slots: frozenset[bytes]) -> None:  # noqa: ANN401 - a module
        self.sigv4, self.slots = sigv4, slots
        self.credentials = sigv4.Credentials(
            fields["accessKeyId"], fields["secretAccessKey"], fields.get("sessionToken") or None
        )

    async def sign(self, outbound: Outbound) -> Headers:
        """The client's headers but for its credentials, and the signature's."""
        passing: Headers = []
        kept: Headers = []
        for pair in outbound.headers:
            if pair[0] not in self.slots:
                # AWS wants every x-amz header in the signature; x-amzn-trace-id is rewritten on the way, so not that.
                signs = pair[0] == b"content-type" or (pair[0].startswith(b"x-amz") and pair[0] != b"x-amzn-trace-id")
                (kept if signs else passing).append(pair)
        return passing + list(self.sigv4.signed(self.credentials, outbound, kept))
