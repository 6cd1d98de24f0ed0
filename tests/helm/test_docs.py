"""What is generated is fresh, what is written is true, and versions agree."""

import re
import subprocess
import sys
import tomllib

import yaml

from tests.helm import chart, fetch
from tests.helm.chart import CHART, ROOT

WITHOUT_TOOLS = True


def test_schema_and_table_are_fresh():
    done = subprocess.run([sys.executable, str(CHART / "generate.py"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_chart_image_and_package_have_one_version():
    made = yaml.safe_load((CHART / "Chart.yaml").read_text())
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert made["version"] == made["appVersion"] == package


def test_the_chart_stays_one_that_can_be_read():
    settings = [line for line in (CHART / "values.yaml").read_text().splitlines() if re.match(r"\s*[^\s#]", line)]
    assert len(settings) <= 120
    templates = list((CHART / "templates").rglob("*"))
    assert len([path for path in templates if path.suffix in {".yaml", ".tpl"}]) <= 13
    assert all(len(path.read_text().splitlines()) <= 170 for path in templates if path.is_file())


def test_the_pages_examples_are_good_values(tmp_path):
    page = (CHART / "README.md").read_text()
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 2
    if fetch.missing():
        return
    assert {example: reason for example in examples if (reason := chart.refusal("helm4", example))} == {}


def test_the_lock_file_names_no_registry():
    lock = ROOT / "tests" / "helm" / "crd" / "package-lock.json"
    assert not re.findall(r'"resolved"|https?://', lock.read_text())
