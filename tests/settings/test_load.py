import pytest

from gateway.settings.load import load, version
from gateway.settings.problems import Problems

GOOD = "accounts: {a: {gateways: {g: {keys: {openai: '${K}'}, authentication: none}}}}\n"


def test_a_sound_file_becomes_a_document_with_every_default(good):
    loaded = good("accounts: {a: {gateways: {g: {}}}}")
    block = loaded.document.accounts["a"].gateways["g"]
    assert (block.client_keys, block.timeout.connect, block.logs.collect, block.authentication) == (
        "prefer",
        5,
        True,
        None,
    )
    assert loaded.document.server.max_request_bytes == 25 * 2**20


def test_nothing_of_a_loaded_configuration_shows_a_secret(good):
    loaded = good(GOOD, K="hunter2")
    assert "hunter2" not in repr(loaded)


def test_the_version_changes_with_the_file_and_with_what_it_refers_to(good, tmp_path):
    (tmp_path / "k").write_text("one")
    first = good(GOOD, K="one").version
    assert len(first) == 12
    assert int(first, 16) >= 0
    assert good(GOOD, K="one").version == first
    assert good(GOOD, K="two").version != first
    assert good(GOOD + "# more\n", K="one").version != first
    by_file = good(GOOD.replace("${K}", "${file:k}")).version
    (tmp_path / "k").write_text("two")
    assert good(GOOD.replace("${K}", "${file:k}")).version != by_file


def test_the_version_tells_where_one_part_ends_and_the_next_begins():
    assert version(b"x", {"ab": "c"}) != version(b"x", {"a": "bc"})


def test_schema_and_checks_find_their_problems_together(wrong):
    found = wrong("accounts: {a: {gateways: {g: {keys: {opnai: '${NO}'}, client_keys: x}}}}\nacounts: 1\n")
    assert [line.split(":")[0] for line in found] == ["1", "1", "1", "2"]


def test_without_a_list_of_providers_their_names_are_not_checked(tmp_path):
    path = tmp_path / "gateways.yaml"
    path.write_text("accounts: {a: {gateways: {g: {keys: {whoever: k}}}}}")
    assert list(load(path, {}, None).document.accounts["a"].gateways["g"].keys) == ["whoever"]
    with pytest.raises(Problems):
        load(path, {}, {"openai": ""})
