"""Signed assertions of a Google service account, by google-auth; imported only where one is used (extra `google`)."""

from cryptography.exceptions import UnsupportedAlgorithm
from google.auth import crypt, jwt


def assertion(claims: dict[str, object], private_key: str, key_id: str | None) -> bytes:
    """The claims as a JWT signed with RS256 (RFC 7523 section 2.1); raises ValueError for a key that is not RSA's."""
    try:
        signer = crypt.RSASigner.from_string(private_key, key_id)  # type: ignore[no-untyped-call]  # google-auth has none
        token: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]  # as above
    except (TypeError, AttributeError, UnsupportedAlgorithm) as wrong:
        # A key of another kind, or one under a password.
        raise ValueError("not an RSA private key") from wrong
    return token
