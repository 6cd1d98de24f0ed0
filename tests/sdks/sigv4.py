"""Checks a signature the way AWS does: by making it again, with botocore's own signer, from the bytes that arrived."""

import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.world import Asked

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<signed>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def parts(asked: Asked) -> dict[str, str]:
    """Who signed, for which region and service, which headers, and the signature."""
    match = AUTHORIZATION.fullmatch(asked.header("authorization") or "")
    assert match, "no SigV4 authorization arrived"
    return match.groupdict()


def expected(asked: Asked, secret: str, host: str, path: str | None = None) -> str:
    """The signature of `asked` if it was signed with `secret` for `host`, and for `path` where that differs."""
    found = parts(asked)
    arrived = {name.lower(): value for name, value in asked.headers} | {"host": host}
    signed = {name: arrived[name] for name in found["signed"].split(";")}
    request = AWSRequest(asked.method, f"https://{host}{path or asked.target}", headers=signed, data=asked.body)
    request.context["timestamp"] = arrived["x-amz-date"]
    signer = SigV4Auth(Credentials(found["key"], secret), found["service"], found["region"])
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return signer.signature(text, request)
