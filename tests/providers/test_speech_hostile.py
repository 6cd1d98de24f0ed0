"""Models' names that would lead elsewhere stay one segment of a known path, or are refused."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.providers.rows import load
from tests.providers.spoken import CHATS, DOCUMENTED, VECTORS, goes_to, there

HOSTILE = [
    "..", ".", "../../v1/files", "a/../../b", "a/..", "%2e%2e", "..%2f..%2fx", "a%2F..%2Fb", "a b", "a?x=1", "a#b",
    "a\\..\\b", "a\r\nhost: evil", "a:generateContent", "a/converse?", "é", "\u202e", "{model}", "{rest}", "a\x00b",
    "//evil.example.com/", "evil.example.com#/x", "user@evil/x", "x.evil.com/deploy", "..;/x", "~", "",
]  # fmt: skip


@pytest.mark.parametrize("client", [*CHATS, VECTORS])
@pytest.mark.parametrize("model", HOSTILE)
def test_a_hostile_model_stays_one_segment_of_a_known_path_or_is_refused(model, client):
    stays(model, client)


@given(st.text(max_size=40), st.sampled_from([*CHATS, VECTORS]))
def test_no_model_leads_out_of_its_place(model, client):
    stays(model, client)


@given(st.text(st.sampled_from("./%\\2eEfF:?#@{}cmodel-"), max_size=24), st.sampled_from([*CHATS, VECTORS]))
def test_no_model_made_of_what_paths_are_made_of_leads_out_of_its_place(model, client):
    stays(model, client)


HOSTS = {one[5].split("/")[2] for one in DOCUMENTED}


def stays(model, client):
    """Asserts that for every provider the call goes to a known host, on a path of the documented form."""
    for slug in load():
        spoken = there(slug, model, client)
        if spoken is None:
            continue
        for stream in (False, True):
            if (target := reached(slug, spoken, model, stream)) is not None:
                known(slug, spoken, model, target)


def reached(slug, spoken, model, stream):
    """The target; None for a model that is refused as the client's mistake."""
    try:
        return goes_to(slug, spoken, model, stream=stream)
    except Refusal as refused:
        if refused.status != 400:
            raise
        return None


def known(slug, spoken, model, target):
    """Asserts that a target is what the speech's template makes of a plain name, but for the model's one segment."""
    host = target.host
    if slug == "azure-openai":
        assert host.endswith(".openai.azure.com")
        assert host.count(".") == 3
    else:
        assert host in HOSTS
    path, _, query = target.path.decode("ascii").partition("?")
    assert query in ("", "alt=sse")
    assert path.isprintable()
    assert " " not in path
    slashes = {one[5].partition("?")[0].count("/") for one in DOCUMENTED if one[0] == slug and one[4] == spoken.dialect}
    assert path.count("/") + 2 in slashes, path
    if "{model}" in spoken.path:
        assert spoken.name(model) in unquote(path)
