"""Amazon's own SDK for Bedrock through the gateway: signed by the client, or by the gateway with a stored key."""

import json
from contextlib import closing
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from urllib3.exceptions import ProtocolError

from tests.sdks import sigv4
from tests.sdks.stage import AWS, TOKEN, request

REGION = "us-east-1"
AWS_HOST = f"bedrock-runtime.{REGION}.amazonaws.com"
MODEL = "anthropic.claude-3-5-sonnet-20241022-v2:0"
QUOTED = "anthropic.claude-3-5-sonnet-20241022-v2%3A0"
HI = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
BODY = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 8, "messages": [{"role": "user", "content": "Hi"}]}
INVOKE = {"modelId": MODEL, "body": json.dumps(BODY)}


def client(url=None, **more):
    """A client with credentials of its own, which signs every call with them."""
    config = Config(retries={"total_max_attempts": 1}).merge(more.pop("config", Config()))
    credentials = {"aws_access_key_id": "AKIDCLIENT", "aws_secret_access_key": "client-secret"} | more
    return boto3.session.Session().client(
        "bedrock-runtime", region_name=REGION, endpoint_url=url, config=config, **credentials
    )


def runtime(stage, gateway="main"):
    return stage.url("aws-bedrock", gateway) + f"/bedrock-runtime/{REGION}"


@pytest.fixture
def sdk(stage):
    one = client(runtime(stage))
    yield one
    one.close()


@pytest.fixture
def watched(stage):
    with stage.watch("aws-bedrock") as seen:
        yield seen


def texts(events):
    return [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]


def chunks(body):
    return [json.loads(event["chunk"]["bytes"]) for event in body]


CALLS = {
    "converse": lambda sdk: sdk.converse(**HI),
    "converse_stream": lambda sdk: list(sdk.converse_stream(**HI)["stream"]),
    "invoke_model": lambda sdk: sdk.invoke_model(**INVOKE)["body"].read(),
    "invoke_model_stream": lambda sdk: list(sdk.invoke_model_with_response_stream(**INVOKE)["body"]),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    def unsigned(url):
        # The signature is of the URL, so that two URLs have two: see the tests of signatures below.
        one = client(url, config=Config(signature_version=UNSIGNED))
        CALLS[call](one)
        one.close()

    relayed = stage.relayed("aws-bedrock", lambda url: unsigned(f"{url}/bedrock-runtime/{REGION}"))
    assert request(relayed) == request(stage.straight("aws-bedrock", unsigned, ""))


def test_converse_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.converse(**HI)
    assert done["output"]["message"]["content"] == [{"text": "Hello there."}]
    assert (done["usage"]["inputTokens"], done["stopReason"]) == (30, "end_turn")
    assert (done["ResponseMetadata"]["RequestId"], watched.asked.target) == ("req-1", f"/model/{QUOTED}/converse")
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "aws-bedrock", MODEL, False, 30, 11, "served")  # fmt: skip


def test_converse_stream(sdk, watched):
    events = list(sdk.converse_stream(**HI)["stream"])
    assert texts(events) == ["Hello", " there."]
    assert events[-1]["metadata"]["usage"]["outputTokens"] == 11
    assert watched.asked.target == f"/model/{QUOTED}/converse-stream"
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (MODEL, True, 30, 11, "served")


def test_invoke_model(sdk, watched):
    done = json.loads(sdk.invoke_model(**INVOKE)["body"].read())
    assert done["content"][1]["text"] == "Let me look."
    assert json.loads(watched.asked.body) == BODY
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (MODEL, False, 56, 17, "served")


def test_invoke_model_with_response_stream(sdk, watched):
    events = chunks(sdk.invoke_model_with_response_stream(**INVOKE)["body"])
    assert [event["delta"]["text"] for event in events if event.get("delta", {}).get("type") == "text_delta"] == [
        "Let me ", "look."]  # fmt: skip
    assert watched.asked.target == f"/model/{QUOTED}/invoke-with-response-stream"
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (MODEL, True, 56, 17, "served")


@pytest.mark.parametrize("call", CALLS)
def test_what_the_client_signed_arrives_untouched(stage, sdk, watched, call):
    sent = []
    sdk.meta.events.register("before-send.bedrock-runtime", lambda request, **_: sent.append(request) and None)
    CALLS[call](sdk)
    (before,), after = sent, watched.asked
    for name in sigv4.parts(after)["signed"].split(";"):
        # The host is the one the gateway calls: botocore's client signed the gateway's, which AWS would refuse.
        if name != "host":
            assert after.header(name) == as_text(before.headers[name])
    assert after.header("authorization") == as_text(before.headers["authorization"])
    assert after.body == before.body
    there = urlsplit(before.url)
    assert sigv4.parts(after)["signature"] == sigv4.expected(after, "client-secret", there.netloc, there.path)


def as_text(value):
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("call", CALLS)
def test_a_client_that_signs_for_aws_and_sends_to_the_gateway_passes_with_a_valid_signature(stage, watched, call):
    sdk = client()
    sdk.meta.events.register("before-send.bedrock-runtime", redirected_to(runtime(stage)))
    CALLS[call](sdk)
    sdk.close()
    assert sigv4.parts(watched.asked)["key"] == "AKIDCLIENT"
    assert sigv4.parts(watched.asked)["signature"] == sigv4.expected(watched.asked, "client-secret", AWS_HOST)
    assert watched.told("outcome", "model") == ("served", MODEL)


def redirected_to(base):
    """Sends a request that is signed already to another URL: what Cloudflare's documentation does by hand."""

    def redirect(request, **_):
        request.url = base + urlsplit(request.url).path

    return redirect


@pytest.mark.parametrize("call", CALLS)
def test_a_token_in_the_sdks_own_slot_makes_the_gateway_sign_with_the_stored_key(stage, watched, monkeypatch, call):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", TOKEN)
    # botocore sends an API key over https only; where TLS ends before the gateway, it arrives as it does here.
    sdk = client("https://ends.before.us", aws_access_key_id=None, aws_secret_access_key=None)
    sdk.meta.events.register("before-send.bedrock-runtime", redirected_to(runtime(stage, "closed")))
    CALLS[call](sdk)
    sdk.close()
    assert_signed_by_us(watched.asked)
    assert TOKEN not in str(watched.asked)
    assert watched.told("token", "outcome") == ("web", "served")


def test_an_unsigned_client_with_a_token_in_our_header_is_signed_for(stage, watched):
    sdk = client(runtime(stage, "closed"), config=Config(signature_version=UNSIGNED))
    sdk.meta.events.register(
        "before-send.bedrock-runtime", lambda request, **_: request.headers.update({"cf-aig-authorization": TOKEN})
    )
    assert sdk.converse(**HI)["stopReason"] == "end_turn"
    sdk.close()
    assert_signed_by_us(watched.asked)


def test_with_client_keys_ignored_the_clients_signature_gives_way_to_ours(stage, watched):
    sdk = client(runtime(stage, "resigning"), aws_session_token="of-the-client")
    assert texts(sdk.converse_stream(**HI)["stream"]) == ["Hello", " there."]
    sdk.close()
    assert_signed_by_us(watched.asked)
    assert "of-the-client" not in str(watched.asked)


def assert_signed_by_us(asked):
    found = sigv4.parts(asked)
    assert (found["key"], found["region"], found["service"]) == (AWS["accessKeyId"], REGION, "bedrock")
    assert found["signature"] == sigv4.expected(asked, AWS["secretAccessKey"], asked.header("host"))
    assert len([name for name, _ in asked.headers if name.lower() == "authorization"]) == 1


def test_without_a_token_the_sdk_raises_its_access_denied_exception(stage, watched):
    sdk = client(runtime(stage, "closed"))
    with pytest.raises(sdk.exceptions.AccessDeniedException) as caught:
        sdk.converse(**HI)
    sdk.close()
    assert "cf-aig-authorization" in caught.value.response["Error"]["Message"]
    assert watched.requests == []
    assert watched.told("outcome", "status_code") == ("refused", 401)


def test_an_unknown_gateway_is_a_client_error(stage):
    sdk = client(runtime(stage, "nowhere"))
    with pytest.raises(ClientError) as caught:
        sdk.converse(**HI)
    sdk.close()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "nowhere" in caught.value.response["Error"]["Message"]


def test_the_providers_429_is_the_sdks_throttling_exception(sdk, watched):
    with pytest.raises(sdk.exceptions.ThrottlingException):
        sdk.converse(**HI | {"modelId": "limited"})
    assert watched.told("outcome", "status_code") == ("served", 429)


def test_an_exception_within_a_stream_is_the_sdks_own(sdk, watched):
    fault = pytest.raises(EventStreamError, match=r"modelStreamErrorException.*It broke\.")
    with closing(sdk.converse_stream(**HI | {"modelId": "faulty"})["stream"]) as stream, fault:
        list(stream)
    assert watched.told("outcome", "error") == ("served", "modelStreamErrorException")


BREAKING = {
    "converse_stream": lambda sdk: sdk.converse_stream(**HI | {"modelId": "cut"})["stream"],
    "invoke_model_stream": lambda sdk: sdk.invoke_model_with_response_stream(**INVOKE | {"modelId": "cut"})["body"],
}


@pytest.mark.parametrize("call", BREAKING)
def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched, call):
    events = []
    # botocore hands urllib3's own exception through while it reads an event stream.
    with closing(BREAKING[call](sdk)) as stream, pytest.raises(ProtocolError):
        events.extend(stream)
    assert len(events) == 2
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
