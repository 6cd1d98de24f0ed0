import json
from pathlib import Path

import pytest

from gateway.cli import main

ROOT = Path(__file__).resolve().parents[2]


def test_the_schema_of_gateways_yaml_is_printed_as_it_is_committed(capsys):
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "schemas/gateways.schema.json").read_text()


@pytest.mark.parametrize("which", ["gateways", "log"])
def test_a_schema_is_json_of_its_draft(which, capsys):
    assert main(["schema", which]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_schema_there_is_none_of_is_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["schema", "logs"])
    assert ended.value.code == 2
    assert "gateways" in capsys.readouterr().err


def test_the_projects_own_file_names_its_schema_in_its_first_line():
    first = (ROOT / "gateways.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=schemas/gateways.schema.json"
