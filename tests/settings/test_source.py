import os

import pytest

from gateway.settings.load import load
from gateway.settings.problems import Problems


def refusal(path):
    with pytest.raises(Problems) as raised:
        load(path, {}, None)
    return str(raised.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a: \xe9", "1:4: the byte 0xE9 here is not UTF-8; save the file as UTF-8"),
        (b"a: b\n\xc3\xa9 \xff", "2:3: the byte 0xFF here is not UTF-8; save the file as UTF-8"),
        ("accounts: {}".encode("utf-16"), "1:1: the file is UTF-16; save it as UTF-8"),
        ("accounts: {}".encode("utf-16-be"), "1:1: there is a NUL byte here"),
        (b"\x7fELF\x00\x01", "1:5: there is a NUL byte here"),
        (b"a: \x07", "1:4: the character U+0007 here cannot stand in YAML; remove it"),
        ("\ufeffa: \u0080".encode(), "1:4: the character U+0080 here cannot stand in YAML; remove it"),
        (b"#" * (2 * 2**20 + 1), "1:1: the file is larger than 2 MiB"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(tmp_path, content, sentence):
    path = tmp_path / "gateways.yaml"
    path.write_bytes(content)
    assert refusal(path).startswith(sentence)
    assert len(refusal(path).splitlines()) == 1


def test_a_byte_order_mark_of_utf_8_is_no_problem(tmp_path):
    path = tmp_path / "gateways.yaml"
    path.write_bytes("\ufeffaccounts: {a: {gateways: {}}}".encode())
    assert load(path, {}, None).document.accounts["a"].gateways == {}


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert refusal(tmp_path / "none.yaml") == "1:1: the file does not exist"
    assert refusal(tmp_path) == "1:1: the file is a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path):
    path = tmp_path / "gateways.yaml"
    path.write_text("a: b")
    path.chmod(0)
    assert refusal(path) == "1:1: the file cannot be read: Permission denied"


def test_an_endless_device_is_read_only_as_far_as_a_file_may_go():
    from pathlib import Path

    assert refusal(Path("/dev/zero")) == "1:1: the file is larger than 2 MiB"
