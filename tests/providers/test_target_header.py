"""The header in which a client may write the whole URL: where it leads, and where it must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from tests.providers.calls import call, provider, url

FAL = "x-fal-target-url"


@pytest.mark.parametrize(
    ("given_url", "there"),
    [
        ("https://queue.fal.run/fal-ai/x?a=%20", "https://queue.fal.run/fal-ai/x?a=%20"),
        ("https://fal.run/fal-ai/x", "https://fal.run/fal-ai/x"),
        ("https://FAL.run", "https://fal.run/"),
    ],
)
def test_fals_target_url_is_followed(given_url, there):
    made = provider("fal")
    assert url(made.target(call("", control={FAL.encode(): given_url.encode()}), None)) == there


@pytest.mark.parametrize(
    "evil",
    [
        "http://queue.fal.run/x",
        "https://evil.com/x",
        "https://evilfal.run/x",
        "https://fal.run.evil.com/x",
        "https://fal.run@evil.com/x",
        "https://evil.com\\@fal.run/x",
        "https://evil.com#.fal.run/x",
        "https://evil.com?.fal.run/x",
        "https://queue.fal.run:8080/x",
        "https://user:pw@queue.fal.run/x",
        "https://127.0.0.1/x",
        "https://queue.fal.run/x\r\nhost: y",
        "https://queue.fal.run/x y",
        "https://queue.fal.run/a/../b",
        "//queue.fal.run/x",
        "queue.fal.run/x",
        "https://.fal.run./x",
        "https://queue.fal.run/x#y",
    ],
)
def test_a_target_url_that_is_not_fals_is_refused(evil):
    with pytest.raises(Refusal) as no:
        provider("fal").target(call("", control={FAL.encode(): evil.encode()}), None)
    assert (no.value.status, no.value.code) == (400, "invalid_path")
    assert "evil" not in no.value.sentence


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="htps:/falrun.@\\#?%evilcom0123 \n", max_size=60))
def test_no_text_leads_fal_out_of_its_hosts(text):
    try:
        target = provider_fal.target(call("", control={FAL.encode(): b"https://" + text.encode()}), None)
    except Refusal:
        return
    assert target.host == "fal.run" or target.host.endswith(".fal.run")


provider_fal = provider("fal")


def test_a_configured_base_url_holds_for_a_target_url_too():
    made = provider("fal", base_url="http://mock:9/f")
    there = made.target(call("", control={FAL.encode(): b"https://queue.fal.run/x"}), None)
    assert url(there) == "http://mock:9/f/x"


def test_only_fal_listens_to_its_header():
    assert url(provider("openai").target(call("x", control={FAL.encode(): b"https://evil.com"}), None)).startswith(
        "https://api.openai.com/"
    )
