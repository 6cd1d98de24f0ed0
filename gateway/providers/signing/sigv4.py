"""AWS's signature version 4, by botocore; imported only where a stored AWS key is used (extra `aws`)."""

from dataclasses import dataclass

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from gateway.call import Headers
from gateway.providers.outbound import Outbound


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What botocore reads of a credential."""

    access_key: str
    secret_key: str
    token: str | None


def signed(credentials: Credentials, outbound: Outbound, kept: Headers) -> Headers:
    """The headers that carry the signature of `outbound` with its `kept` headers, which are signed too.

    Only these are signed: what a transport or proxy may still add or change must not break the signature.
    """
    target = outbound.target
    host = f"[{target.host}]" if ":" in target.host else target.host
    request = AWSRequest(
        method=outbound.method,
        url=f"{target.scheme}://{host}:{target.port}{target.path.decode('latin-1')}",
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in kept},
        data=outbound.body,
    )
    SigV4Auth(credentials, target.service, target.region).add_auth(request)
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
