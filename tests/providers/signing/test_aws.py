"""AWS signatures, checked by a verifier written from the specification, itself checked against a real boto3 client."""

import asyncio
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from gateway.providers.outbound import Outbound
from gateway.settings.units import Secret
from tests.providers.calls import call, provider

KEY = {"accessKeyId": "AKIDSTORED", "secretAccessKey": "stored/secret", "region": "eu-central-1"}


def verify(method, target, headers, body, secret):
    """AWS's documentation, "Create a signed AWS API request": everything computed anew from what arrived."""
    found = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(" ".join(value.split()))
    authorization = found["authorization"][0]
    algorithm, _, rest = authorization.partition(" ")
    assert algorithm == "AWS4-HMAC-SHA256"
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    _, day, region, service, last = fields["Credential"].split("/")
    assert last == "aws4_request"
    path, _, query = target.partition("?")
    names = fields["SignedHeaders"].split(";")
    assert names == sorted(names)
    assert {"host", "x-amz-date"} <= set(names)
    assert {name for name in found if name.startswith("x-amz")} - {"x-amzn-trace-id"} <= set(names)
    canonical = "\n".join(
        [
            method,
            "/".join(quote(part, safe="-_.~") for part in path.split("/")),
            "&".join(sorted(query.split("&"))) if query else "",
            *(f"{name}:{','.join(found[name])}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    stamp = found["x-amz-date"][0]
    assert stamp.startswith(day)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join([algorithm, stamp, f"{day}/{region}/{service}/aws4_request", digest])
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    good = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(good, fields["Signature"]), region, service, fields["Credential"].split("/")[0]


def sent(path, body=b"{}", query="", headers=(), key=KEY, base_url=None, method="POST"):
    """What leaves for AWS: request target, headers as text, and the target itself."""
    made = provider("aws-bedrock", **({"base_url": base_url} if base_url else {}))
    secret = Secret(json.dumps(key))
    asked = call(path, query, headers=headers)
    target = made.target(asked, secret)
    out = asyncio.run(made.signer(secret).sign(Outbound(method, target, asked.headers, body)))
    default = {"http": 80, "https": 443}[target.scheme]
    host = target.host if target.port == default else f"{target.host}:{target.port}"
    arrived = [("host", host), *((name.decode(), value.decode()) for name, value in out)]
    return target, arrived


@pytest.mark.parametrize(
    ("path", "query", "region", "service"),
    [
        ("bedrock-runtime/us-east-1/model/anthropic.claude-v2%3A1/invoke", "", "us-east-1", "bedrock"),
        ("bedrock-runtime/us-east-1/model/us.amazon.nova-2-lite-v1:0/converse", "", "us-east-1", "bedrock"),
        (
            "bedrock-runtime/us-west-2/model/arn%3Aaws%3Abedrock%3Aus-west-2%3A1%3Aip%2Fus.x/converse-stream",
            "",
            "us-west-2",
            "bedrock",
        ),
        ("bedrock-runtime/us-west-2/async-invoke", "maxResults=5&b=%20x&a=1", "us-west-2", "bedrock"),
        ("bedrock-mantle/us-west-2/anthropic/v1/messages", "", "us-west-2", "bedrock-mantle"),
        ("model/m~_-./invoke", "", "eu-central-1", "bedrock"),
    ],
)
def test_exactly_what_is_sent_is_signed(path, query, region, service):
    headers = [(b"content-type", b"application/json"), (b"accept", b"*/*"), (b"x-amzn-bedrock-trace", b"ENABLED")]
    target, arrived = sent(path, b'{"a": "\xc3\xa9"}', query, headers)
    good = verify("POST", target.path.decode(), arrived, b'{"a": "\xc3\xa9"}', KEY["secretAccessKey"])
    assert good == (True, region, service, "AKIDSTORED")
    assert ("accept", "*/*") in arrived


def test_a_changed_body_breaks_the_signature():
    target, arrived = sent("model/m/invoke", b"{}")
    assert verify("POST", target.path.decode(), arrived, b"[]", KEY["secretAccessKey"])[0] is False


def test_a_temporary_keys_session_token_is_sent_and_signed():
    target, arrived = sent("model/m/invoke", key=KEY | {"sessionToken": "FwoG/token=="})
    assert ("x-amz-security-token", "FwoG/token==") in arrived
    assert verify("POST", target.path.decode(), arrived, b"{}", KEY["secretAccessKey"])[0]


def test_the_clients_own_signature_leaves_with_its_headers():
    mine = [
        (b"authorization", b"AWS4-HMAC-SHA256 Credential=CLIENT/20200101/us-east-1/bedrock/aws4_request"),
        (b"x-amz-date", b"20200101T000000Z"),
        (b"x-amz-security-token", b"clients"),
        (b"x-amz-content-sha256", b"00"),
        (b"x-api-key", b"clients"),
        (b"x-amz-target", b"kept"),
    ]
    query = "X-Amz-Signature=00&X-Amz-Credential=c&a=1"
    target, arrived = sent("model/m/invoke", headers=mine, query=query)
    assert verify("POST", target.path.decode(), arrived, b"{}", KEY["secretAccessKey"])[0]
    assert target.path == b"/model/m/invoke?a=1"
    names = [name for name, _ in arrived]
    assert names.count("authorization") == names.count("x-amz-date") == 1
    assert not {"clients", "00"} & {value for _, value in arrived}
    assert ("x-amz-target", "kept") in arrived


def test_a_configured_host_is_signed_with_its_port_and_the_paths_region():
    target, arrived = sent("bedrock-runtime/us-east-1/model/m%3A0/invoke", base_url="http://127.0.0.1:9000")
    good, region, *_ = verify("POST", target.path.decode(), arrived, b"{}", KEY["secretAccessKey"])
    assert (good, region, arrived[0]) == (True, "us-east-1", ("host", "127.0.0.1:9000"))


def test_no_secret_shows_in_a_signer():
    made = provider("aws-bedrock")
    signer = made.signer(Secret(json.dumps(KEY)))
    assert "stored/secret" not in repr(signer) + repr(vars(signer))


class Arrivals:
    """A loopback server that stands for the gateway's door: it keeps what a client sent."""

    def __enter__(self):
        kept = self.kept = []

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.append((self.command, self.path, list(self.headers.items()), body))
                said = {"role": "assistant", "content": [{"text": "hi"}]}
                answer = json.dumps({"output": {"message": said}, "stopReason": "end_turn"}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *words):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self

    def __exit__(self, *why):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def from_boto3():
    """A Converse call as an unmodified boto3 client sends it to the gateway's Bedrock URL."""
    with Arrivals() as door:
        client = boto3.client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=f"{door.url}/aws-bedrock/bedrock-runtime/us-east-1",
            aws_access_key_id="AKIDCLIENT",
            aws_secret_access_key="clients/secret",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        said = [{"role": "user", "content": [{"text": "hi"}]}]
        client.converse(modelId="amazon.nova-lite-v1:0", messages=said)
        client.close()
    return door.kept[0]


def test_the_verifier_agrees_with_a_real_client(from_boto3):
    method, target, headers, body = from_boto3
    assert verify(method, target, headers, body, "clients/secret") == (True, "us-east-1", "bedrock", "AKIDCLIENT")
    assert verify(method, target, headers, body, "other")[0] is False


def test_a_boto3_call_is_signed_again_with_the_stored_key(from_boto3):
    _, target, headers, body = from_boto3
    path = target.removeprefix("/aws-bedrock/")
    lower = [(name.lower().encode(), value.encode()) for name, value in headers]
    passing = [pair for pair in lower if pair[0] not in (b"host", b"content-length", b"connection")]
    there, arrived = sent(path, body, headers=passing)
    assert there.path == b"/model/amazon.nova-lite-v1%3A0/converse"
    assert verify("POST", there.path.decode(), arrived, body, KEY["secretAccessKey"])[:2] == (True, "us-east-1")


def test_what_a_client_signed_for_aws_arrives_as_it_was_signed():
    made = provider("aws-bedrock")
    real = "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse"
    request = AWSRequest("POST", real, headers={"content-type": "application/json"}, data=b"{}")
    SigV4Auth(Credentials("AKIDCLIENT", "clients/secret"), "bedrock", "us-east-1").add_auth(request)
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    asked = call("bedrock-runtime/us-east-1/model/amazon.nova-lite-v1%3A0/converse", headers=headers)
    assert made.client_key(asked.headers, b"")
    target = made.target(asked, None)
    out = asyncio.run(made.signer(None).sign(Outbound("POST", target, asked.headers, b"{}")))
    arrived = [("host", target.host), *((name.decode(), value.decode()) for name, value in out)]
    assert verify("POST", target.path.decode(), arrived, b"{}", "clients/secret")[0]
