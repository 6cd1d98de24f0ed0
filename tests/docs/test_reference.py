"""The reference is what the code says: every key, header, code, metric, attribute and field is on its page."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli import COMMANDS
from gateway.logs.line import LogLine
from gateway.providers.rows import ALIASES, load
from gateway.settings.schema import blocks
from gateway.telemetry.families import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "reference").glob("*.md"))


@pytest.fixture(scope="module")
def generate():
    found = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(found)
    before = list(sys.path)
    try:
        found.loader.exec_module(module)
        yield module
    finally:
        sys.path[:] = before


def said(page):
    return (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_what_the_code_says(path, generate):
    text = path.read_text(encoding="utf-8")
    assert generate.page(text) == text, "run `python docs/generate.py`"


def test_every_place_is_filled_and_every_list_has_its_place(generate):
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"<!-- ([a-z-]+) -->", text)) - {"end", "runs"} == set(generate.MADE)
    assert "<!-- keys -->\n<!-- end -->" not in text


def test_a_page_that_differs_is_noticed_and_mended(generate, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- metrics -->\nold\n<!-- end -->\n")
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main(["--check"]) == 1
    assert "page.md is not what" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert "gateway_calls_total" in page.read_text()
    assert generate.main(["--check"]) == 0


def test_every_key_of_the_file_is_described():
    text = said("configuration")
    for block in blocks():
        assert not [name for name in block.__struct_encode_fields__ if f"| `{name}` |" not in text]


def test_every_provider_and_alias_is_listed():
    text = said("providers")
    assert not [name for name in [*load(), *ALIASES] if f"`{name}`" not in text]


def test_every_metric_and_log_field_and_command_is_described():
    assert not [name for name in FAMILIES if f"| `{name}` |" not in said("telemetry")]
    assert not [name for name in LogLine.__struct_fields__ if f"| `{name}` |" not in said("logs")]
    assert not [name for name in COMMANDS if f"### `gateway {name}`" not in said("command-line")]


def test_every_error_code_in_the_source_is_described():
    text = said("errors")
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    codes = set(re.findall(r"Refusal\(\s*(?:\d+|[a-z]+),\s*\d+,\s*\"([a-z_]+)\"", written))
    assert len(codes) > 20
    assert not [code for code in codes if f"| `{code}` |" not in text]


def test_every_header_of_ours_in_the_source_is_described():
    text = said("headers")
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    names = set(re.findall(r"b\"(cf-aig-[a-z-]*[a-z])\"", written))
    assert len(names) > 15
    assert not [name for name in names if f"| `{name}` |" not in text]


def test_a_name_without_a_meaning_stops_the_generator(generate, monkeypatch):
    monkeypatch.delitem(generate.meanings.REQUEST_HEADERS, "cf-aig-event-id")
    with pytest.raises(ValueError, match="cf-aig-event-id"):
        generate.request_headers()


def test_the_generator_runs_as_a_script():
    ran = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
