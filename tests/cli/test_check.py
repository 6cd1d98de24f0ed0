import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.cli import main

ROOT = Path(__file__).resolve().parents[2]
HEAD = "accounts:\n  a:\n    gateways:\n"

HOSTILE = {
    "ten megabytes": b"#" * 10 * 2**20,
    "a billion laughs": "\n".join(
        ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    ).encode(),
    "an alias within itself": b"a: &a {b: *a}",
    "a deep list": b"[" * 100_000,
    "a deep mapping": b"{a: " * 100_000,
    "a million values": b"a: [" + b"0," * 1_000_000 + b"]",
    "ten thousands of duplicates": b"a: 1\n" * 90_000,
    "python objects": b"a: !!python/object/apply:os.system ['exit 1']",
    "several documents": b"accounts: {}\n---\n" * 1000,
    "keys that are no text": b"1: a\n[b]: c\n? {d: e}\n: f\n",
    "a NUL": b"accounts: \0",
    "UTF-16": "accounts: {}".encode("utf-16"),
    "Latin-1": "accounts: é".encode("latin-1"),
    "tabs": b"accounts:\n\ta:\n",
    "nothing": b"",
    "openings of references": b"a: '" + b"${" * 900_000 + b"'",
    "a large file, many times": b"a: [" + b"'${file:large}'," * 50_000 + b"]",
    "one mistake among many gateways": HEAD.encode()
    + b"".join(b"      g%d: {logs: {collect: true}}\n" % n for n in range(15_000))
    + b"      z: {logs: {colect: true}}\n",
    "many unknown providers": HEAD.encode()
    + b"      g:\n        keys:\n"
    + b"".join(b"          p%d: k\n" % n for n in range(50_000)),
}

MEASURED = """
import resource, subprocess, sys
ran = subprocess.run([sys.executable, "-m", "gateway", "check", sys.argv[1]], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(ran.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
print(ran.stdout)
print(ran.stderr, file=sys.stderr)
"""


def check(path, **env):
    return subprocess.run(
        [sys.executable, "-m", "gateway", "check", *path],
        cwd=ROOT, capture_output=True, text=True, timeout=30, env={"PATH": os.environ["PATH"], **env},
    )  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_within_two_seconds_and_200_mib(tmp_path, content):
    path = tmp_path / "gateways.yaml"
    path.write_bytes(content)
    (tmp_path / "large").write_bytes(b"x" * 2**20)
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    measures, _, said = ran.stdout.partition("\n")
    code, seconds, mebibytes = map(float, measures.split())
    assert code == 1
    assert ran.stderr.strip() == ""
    assert seconds < 2
    assert mebibytes < 200
    assert said.startswith(f"{path}:")
    assert len(said.strip().splitlines()) <= 101


def test_the_projects_own_file_is_sound_on_a_machine_without_keys():
    ran = check([])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "gateways.yaml: 1 account, 1 gateway, 0 tokens, keys for 0 providers: sound\n"


def test_the_projects_own_file_takes_the_keys_that_are_there():
    ran = check([], OPENAI_API_KEY="sk-x", CEREBRAS_API_KEY="csk-y", GROQ_API_KEY="")
    assert "keys for 2 providers: sound" in ran.stdout


def test_every_key_of_the_projects_own_file_is_taken_from_a_variable():
    text = (ROOT / "gateways.yaml").read_text()
    names = [line.split("${")[1].split(":-}")[0] for line in text.splitlines() if ":-}" in line]
    ran = check([], **dict.fromkeys(names, "a-key"))
    assert len(names) >= 25
    assert f"keys for {len(names)} providers: sound" in ran.stdout


def test_problems_are_lines_an_editor_can_jump_to(tmp_path, capsys):
    path = tmp_path / "g.yaml"
    path.write_text(
        "accounts:\n  a:\n    gateways:\n      g:\n        authetication: none\n        client_keys: perfer\n"
    )
    here = "accounts.a.gateways.g"
    assert main(["check", str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{path}:5:9: {here}.authetication: unknown key `authetication`; did you mean `authentication`?",
        f"{path}:6:22: {here}.client_keys: must be `forbid`, `ignore` or `prefer`; did you mean `prefer`?",
    ]


def test_a_sound_file_is_summed_up_in_a_line_with_notes_before_it(tmp_path, capsys, monkeypatch):
    path = tmp_path / "g.yaml"
    path.write_text(
        "accounts:\n  a:\n    gateways:\n      one:\n        keys: {openai: '${K}', xai: in-clear}\n"
        "        authentication:\n"
        f"          tokens: [{{name: a, sha256: {'0' * 64}}}, {{name: b, sha256: {'1' * 64}, expires: 2020-01-01}}]\n"
        "      two: {keys: {openai: '${K}'}}\n"
    )
    monkeypatch.setenv("K", "sekrit")
    assert main(["check", str(path)]) == 0
    *notes, summary = capsys.readouterr().out.splitlines()
    assert summary == f"{path}: 1 account, 2 gateways, 2 tokens, keys for 2 providers: sound"
    here = "accounts.a.gateways.one"
    assert [note.split(": ", 3)[2:] for note in notes] == [
        [f"{here}.keys.xai", "this provider key stands here in clear; better take it from ${NAME} or ${file:PATH}"],
        [f"{here}.authentication.tokens[1].expires", "this token has expired"],
    ]


def test_no_secret_stands_in_the_output(tmp_path, capsys, monkeypatch):
    path = tmp_path / "g.yaml"
    path.write_text(
        "server: {proxy: 'ftp://me:hunter2@proxy'}\n"
        "accounts: {a: {gateways: {g: {keys: {openai: [hunter2, {a: hunter2}], grok: 'hunter2 '},\n"
        "  authentication: {tokens: [{name: a, token: hunter2, sha256: hunter2}, {name: b, token: '${K}'}]},\n"
        "  traces: [{url: 'https://me:hunter2@otel/', headers: {authorization: [hunter2]}}]}}}}\n"
    )
    monkeypatch.setenv("K", "hunter2")
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert len(said.splitlines()) >= 8
    assert "hunter2" not in said


@pytest.mark.parametrize("by", ["usr", "[token, usr]", "metadata."])
@pytest.mark.parametrize(
    "limits", ["rate_limit: {requests: 5, per: 1m, by: BY}", "spend_limits: [{name: a, limit: 1, per: 1d, by: BY}]"]
)
def test_a_limit_by_what_calls_do_not_have_is_one_clear_line(tmp_path, capsys, limits, by):
    file = tmp_path / "gateways.yaml"
    file.write_text(f"{HEAD}      g:\n        {limits.replace('BY', by)}\n")
    assert main(["check", str(file)]) == 1
    (line, *_) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{file}:5:")
    assert "expected a token, provider, model or metadata.KEY" in line


@pytest.mark.parametrize(("name", "sentence"), [("none.yaml", "does not exist"), ("", "is a directory")])
def test_a_file_that_cannot_be_read_is_input_that_is_wrong(tmp_path, capsys, name, sentence):
    assert main(["check", str(tmp_path / name)]) == 1
    assert f"the file {sentence}" in capsys.readouterr().out


def test_checking_the_projects_own_file_takes_no_time(capsys):
    main(["check", str(ROOT / "gateways.yaml")])
    begun = time.perf_counter()
    main(["check", str(ROOT / "gateways.yaml")])
    assert time.perf_counter() - begun < 0.5
    capsys.readouterr()
