import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli import main

ROOT = Path(__file__).resolve().parents[2]
DEMO = "/v1/local/default/demo/chat/completions"


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_a_call_of_the_projects_own_file_is_explained_line_by_line(capsys):
    assert main(["explain", "--path", DEMO, "--data", '{"model": "demo"}']) == 0
    said = capsys.readouterr()
    first, blank, *lines = said.out.splitlines()
    assert (first, blank, said.err) == (f"POST {DEMO}", "", "")
    assert all(line.startswith("  ") for line in lines)
    assert "  asks for       chat, openai_chat, model demo" in lines


def test_a_call_that_would_be_refused_is_explained_too(capsys):
    assert main(["explain", "--path", "/v1/local/other/demo/x"]) == 0
    assert "400 unknown_gateway (2001): There is no gateway local/other" in capsys.readouterr().out


def test_method_headers_and_a_body_from_a_file_are_taken(capsys, tmp_path):
    body = tmp_path / "body.json"
    body.write_text('{"model": "from-a-file"}')
    arguments = ["--header", "Authorization: Bearer sekrit", "--header", "X-Mine:1", "--data", f"@{body}"]
    assert main(["explain", "--path", DEMO, "--method", "post", *arguments]) == 0
    said = capsys.readouterr().out
    assert "model from-a-file" in said
    assert "host, content-type, authorization, x-mine, content-length" in said
    assert "sekrit" not in said


def test_a_configuration_that_is_wrong_is_said_with_its_place(capsys, tmp_path):
    path = tmp_path / "g.yaml"
    path.write_text("accounts: {a: {gateways: {g: {cache: {ttl: soon}}}}}\n")
    assert main(["explain", "--path", DEMO, "--config", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{path}:1:")


def test_a_body_that_cannot_be_read_is_wrong_input(capsys, tmp_path):
    assert main(["explain", "--path", DEMO, "--data", f"@{tmp_path}/none"]) == 1
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (["--path", "v1/x"], "begins with a slash"),
        (["--path", "/v1", "--header", "no colon"], "'name: value'"),
        (["--path", "/v1", "--header", "a: b\r\nc: d"], "'name: value'"),
        (["--path", "/v1", "--method", "GET /"], "such as POST"),
        ([], "--path"),
    ],
)
def test_options_that_make_no_request_are_usage(option, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["explain", *option])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_bytes_that_no_path_holds_are_refused_as_the_gateway_does(capsys):
    assert main(["explain", "--path", "/v1/local/default/demo/\x1b[31mé"]) == 0
    said = capsys.readouterr().out
    assert "invalid_target" in said
    assert "\x1b" not in said


def test_explaining_imports_no_sdk_and_prints_nothing_else():
    program = (
        "import sys; from gateway.cli import main;"
        f" main(['explain', '--path', '{DEMO}']); print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0
    assert not {"opentelemetry.sdk", "botocore", "google.auth"} & set(ran.stderr.split())
