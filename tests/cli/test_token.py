import hashlib
import re

import pytest

from gateway.cli import main
from gateway.settings.load import load


def made(capsys, *arguments):
    """The token and the YAML line."""
    assert main(["token", *arguments]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    return lines[0].strip(), lines[1]


def test_a_token_has_256_random_bits_in_url_safe_characters(capsys):
    tokens = {made(capsys)[0] for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"gw_[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_the_line_for_the_file_holds_the_digest_and_not_the_token(capsys):
    token, line = made(capsys, "--name", "batch")
    assert line == f"  - {{name: batch, sha256: {hashlib.sha256(token.encode()).hexdigest()}}}"


@pytest.mark.parametrize("name", ["web", "a b", "yes", "12", "{x}", 'é: "y" \'', "x" * 64])
def test_the_line_can_be_pasted_whatever_the_name(tmp_path, capsys, name):
    _, line = made(capsys, "--name", name)
    path = tmp_path / "gateways.yaml"
    path.write_text(
        f"accounts:\n a:\n  gateways:\n   g:\n    authentication:\n     tokens:\n     {line}\n", encoding="utf-8"
    )
    gateway = load(path, {}, None).document.accounts["a"].gateways["g"]
    assert gateway.authentication.tokens[0].name == name


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb"])
def test_a_name_that_the_file_would_refuse_is_usage(capsys, name):
    with pytest.raises(SystemExit) as ended:
        main(["token", "--name", name])
    assert ended.value.code == 2
    assert "1 to 64 printable characters" in capsys.readouterr().err
