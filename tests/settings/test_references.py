import time
from pathlib import Path

import pytest

from gateway.settings.load import load
from gateway.settings.problems import Problems

ONE = "accounts:\n  a:\n    gateways:\n      g:\n        keys:\n          openai: %s\n"


def key(loaded):
    return loaded.document.accounts["a"].gateways["g"].keys["openai"]["default"][0].reveal()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${K}", "sekrit"),
        ('"${K}"', "sekrit"),
        ("a-${K}-b-${L}", "a-sekrit-b-other"),
        ("$${K}", "${K}"),
        ("$$$${K}", "$${K}"),
        ("$${K}${L}", "${K}other"),
        ("a$b", "a$b"),
        ("${NONE:-x y}", "x y"),
        ("${EMPTY:-x}", "x"),
        ("${K:-x}", "sekrit"),
    ],
)
def test_a_reference_is_its_value(good, written, value):
    assert key(good(ONE % written, K="sekrit", L="other", EMPTY="")) == value


def test_a_value_that_looks_like_a_reference_is_not_resolved_again(good):
    assert key(good(ONE % "${K}", K="${L}$$", L="no")) == "${L}$$"


def test_a_file_is_found_beside_the_document_and_loses_its_last_line_break(good, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/key").write_text("sekrit\n")
    loaded = good(ONE % "${file:sub/key}")
    assert key(loaded) == "sekrit"
    assert loaded.files == (tmp_path / "gateways.yaml", tmp_path / "sub/key")


def test_a_file_may_have_an_absolute_path(good, tmp_path):
    (tmp_path / "k").write_text("sekrit\r\n")
    assert key(good(ONE % f'"${{file:{tmp_path}/k}}"')) == "sekrit"


def test_all_that_is_missing_is_named_at_once_with_its_place(wrong, tmp_path):
    (tmp_path / "blank").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * (2**20 + 1))
    lines = wrong(
        "accounts:\n a:\n  gateways:\n   g:\n    keys:\n"
        "     openai: ['${NONE}', '${EMPTY}', 'x${NONE}${OTHER}']\n"
        "     grok: ['${file:none}', '${file:.}', '${file:blank}', '${file:bytes}', '${file:large}',\n"
        "      '${file:/dev/zero}']\n"
        "     cerebras: ['${}', '${a b}', '${open', '${1}']\n",
        EMPTY="",
    )
    here = "accounts.a.gateways.g.keys."
    rule = "a reference is `${NAME}`, `${NAME:-default}` or `${file:PATH}`; write `$$` for a plain `$`"
    assert lines == [
        f"6:15: {here}openai[0]: the environment variable `NONE` is not set",
        f"6:26: {here}openai[1]: the environment variable `EMPTY` is set but empty",
        f"6:38: {here}openai[2]: the environment variable `NONE` is not set;"
        " the environment variable `OTHER` is not set",
        f"7:13: {here}grok[0]: the file `none` does not exist",
        f"7:29: {here}grok[1]: the file `.` is a directory",
        f"7:42: {here}grok[2]: the file `blank` is empty",
        f"7:59: {here}grok[3]: the file `bytes` is not UTF-8",
        f"7:76: {here}grok[4]: the file `large` is larger than 1 MiB",
        f"8:7: {here}grok[5]: the file `/dev/zero` is not a regular file",
        f"9:17: {here}cerebras[0]: {rule}",
        f"9:24: {here}cerebras[1]: {rule}",
        f"9:34: {here}cerebras[2]: `${{` without `}}`; write `$$` for a plain `$`",
        f"9:44: {here}cerebras[3]: {rule}",
    ]


@pytest.mark.parametrize("reference", ["${file:gone}", "${GONE}"])
def test_problems_name_the_files_so_that_a_watcher_sees_them_come(tmp_path, reference):
    path = tmp_path / "gateways.yaml"
    path.write_text(ONE % reference)
    with pytest.raises(Problems) as raised:
        load(path, {}, None)
    assert raised.value.files == ((path, tmp_path / "gone") if "file" in reference else (path,))


@pytest.mark.parametrize(
    "written", ["${NO:-}", "['${NO:-}']", "{default: '${NO:-}'}", "{batch: ['${NO:-}', '${NO:-}']}"]
)
def test_an_optional_key_that_is_not_there_is_as_if_not_written(good, written):
    assert good(ONE % written).document.accounts["a"].gateways["g"].keys == {}


def test_of_several_optional_keys_those_that_are_there_stay(good):
    loaded = good(ONE % "{default: ['${NO:-}', '${K:-}'], batch: '${NO:-}'}", K="sekrit")
    assert list(loaded.document.accounts["a"].gateways["g"].keys["openai"]) == ["default"]
    assert key(loaded) == "sekrit"


def test_a_slip_in_the_name_of_an_optional_key_is_found_without_the_key(wrong):
    assert "unknown provider `opena`; did you mean `openai`?" in wrong((ONE % "${NO:-}").replace("openai", "opena"))[0]


def test_an_optional_token_is_not_optional(block):
    assert block("{authentication: {tokens: [{name: a, token: '${NO:-}'}]}}") == [
        "authentication.tokens[0].token: is empty"
    ]


def test_a_reference_may_be_a_number_or_a_truth_where_one_is_wanted(good):
    loaded = good(
        "server: {max_connections: '${N}'}\n"
        "accounts: {a: {gateways: {g: {http_spans: '${T}', keys: {openai: '${N}'}}}}}",
        N="12",
        T="true",
    )
    assert loaded.document.server.max_connections == 12
    assert loaded.document.accounts["a"].gateways["g"].http_spans is True
    assert key(loaded) == "12"


def test_a_quoted_number_is_no_number(block):
    assert block("{http_spans: 'true'}") == ["http_spans: expected true or false, got text"]


def test_a_value_from_outside_never_stands_in_a_problem(wrong):
    lines = wrong(
        "server: {proxy: '${S}', keep_alive: '${S}', state: '${S}'}\n"
        "providers: {vllm: {base_url: '${S}', auth: '${S}'}}\n"
        "accounts: {a: {gateways: {g: {client_keys: '${S}', timeout: '${S}', providers: ['${S}'],\n"
        "  keys: {grok: '${S}'},\n"
        "  authentication: {tokens: [{name: a, sha256: '${S}', expires: '${S}'}, {name: b, token: '${T}'}]}}}}}",
        S="hunter2\n",
        T="hunter2",
    )
    assert len(lines) >= 11
    assert not any("hunter2" in line for line in lines)


def test_many_openings_without_an_end_take_no_quadratic_time(block):
    begun = time.perf_counter()
    assert "without `}`" in block("{client_keys: '" + "${" * 200_000 + "'}")[0]
    assert time.perf_counter() - begun < 5


def test_references_cannot_multiply_a_file_without_end(wrong, tmp_path):
    (tmp_path / "big").write_text("x" * 2**20)
    assert "come to more than 16 MiB" in wrong("a: [" + ",".join(["'${file:big}'"] * 1000) + "]")[0]


def test_a_variable_that_is_no_text_is_named(block):
    assert block("{keys: {openai: '${K}'}}", K="\udcff") == ["keys.openai: the environment variable `K` is not UTF-8"]


def test_the_path_of_a_file_is_relative_to_the_document_not_to_the_process(tmp_path: Path, monkeypatch):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/k").write_text("sekrit")
    (tmp_path / "etc/gateways.yaml").write_text(ONE % "${file:k}")
    monkeypatch.chdir(tmp_path)
    assert key(load(Path("etc/gateways.yaml"), {}, None)) == "sekrit"
