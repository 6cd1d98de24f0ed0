"""Every file of values in helm/ci: both helms agree, Kubernetes 1.27 to 1.37 take it, and the result is as reviewed."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from tests.helm import chart, fetch
from tests.helm.chart import CASES, CHART, CUSTOM, HELMS, ROOT

GOLDEN = ROOT / "tests" / "helm" / "golden"


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("case", CASES)
def test_a_case_passes_lint(helm, case):
    done = chart.run(helm, "lint", "--strict", str(CHART), values=chart.case(case))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout


@pytest.mark.parametrize("case", CASES)
def test_both_helms_make_the_same_for_the_first_and_the_last_kubernetes(case):
    made = {
        chart.template(helm, chart.case(case), f"{version}.0")
        for helm, version in zip(HELMS, (fetch.VERSIONS[0], fetch.VERSIONS[-1]), strict=True)
    }
    # Nothing depends on the version, so that what is checked for one is checked for all; nothing is random either.
    assert made == {chart.template("helm4", chart.case(case))}


@pytest.mark.parametrize("version", fetch.VERSIONS)
def test_kubernetes_takes_everything(version):
    # Many cases have the same Service: each object is checked once.
    objects = {json.dumps(one): one for case in CASES for one in chart.render(chart.case(case)).objects}
    problems = [chart.objections(version, one) for one in objects.values() if one["kind"] not in CUSTOM]
    assert len(problems) > 40
    assert not [problem for some in problems for problem in some]


@pytest.mark.parametrize("version", [fetch.VERSIONS[0], fetch.VERSIONS[-1]])
def test_the_schemas_find_what_is_misspelt(version):
    deployment = yaml.safe_load(yaml.safe_dump(chart.render().one("Deployment")))
    deployment["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    assert any("readinesProbe" in problem for problem in chart.objections(version, deployment))


def test_custom_resources_are_of_their_published_types(tmp_path):
    if not (fetch.FOLDER / "crd" / "node_modules").exists():
        pytest.skip("the types of custom resources are not here: `make helm-tools` where npm is")
    objects = [one for case in CASES for one in chart.render(chart.case(case)).objects if one["kind"] in CUSTOM]
    assert {one["kind"] for one in objects} == CUSTOM
    assert not compile(tmp_path, objects)
    misspelt = json.loads(json.dumps(objects).replace("parentRefs", "parentRef"))
    assert "parentRef" in compile(tmp_path, misspelt)


def compile(folder, objects):
    """What TypeScript says of them."""
    tools = fetch.FOLDER / "crd"
    written, source = folder / "objects.json", folder / "objects.ts"
    written.write_text(json.dumps(objects))
    node = shutil.which("node")
    subprocess.run([node, tools / "strict.mjs", written, source], check=True)
    if not (folder / "node_modules").exists():
        os.symlink(tools / "node_modules", folder / "node_modules")
    flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"]
    tsc = tools / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run([node, tsc, *flags, source], capture_output=True, text=True, cwd=folder)
    assert bool(done.returncode) == bool(done.stdout)
    return done.stdout


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_as_it_was_reviewed(case):
    made = chart.template("helm4", chart.case(case))
    # Files that have tests of their own would only be in the way of a review.
    made = re.sub(r"(?m)^( +)(gateway\.json|gateway\.rules\.yaml): \|\n(?:\1 .*\n|\n)+", r"\1\2: …\n", made)
    made = re.sub(r'(command: \[python, -c, ")(?:[^"\\]|\\.)*"', r'\1…"', made)
    golden = GOLDEN / f"{case}.yaml"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(made)
    assert made == golden.read_text(), "GOLDEN=write make test T=tests/helm, and look at the difference"


def test_two_releases_share_no_name_and_long_names_stay_short_enough():
    first = {(one["kind"], one["metadata"]["name"]) for one in chart.render(chart.case("everything")).objects}
    long = "a-release-with-a-name-as-long-as-helm-lets-it-be-now3"
    second = [
        (one["kind"], one["metadata"]["name"]) for one in chart.render(chart.case("everything"), release=long).objects
    ]
    assert not first & set(second)
    assert len(set(second)) == len(second)
    assert max(len(name) for kind, name in second if not name.endswith(("-extra", "-text"))) <= 63


def test_a_package_holds_what_a_release_needs_and_no_more(tmp_path):
    done = chart.run("helm4", "package", str(CHART), "--destination", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (package,) = tmp_path.glob("*.tgz")
    assert chart.run(
        "helm3", "template", "one", str(package), "--namespace", "ai", "--kube-version", "1.34.0"
    ).stdout == (chart.template("helm4", ""))
    shutil.unpack_archive(package, tmp_path)
    held = {path.name for path in (tmp_path / "gateway").iterdir()} - {".helmignore"}
    assert held == {"Chart.yaml", "README.md", "files", "templates", "values.schema.json", "values.yaml"}


def test_names_that_look_like_numbers_stay_names():
    made = chart.run("helm4", "template", "1", str(CHART), "--namespace", "2", values=chart.case("minimal"))
    for one in filter(None, yaml.safe_load_all(made.stdout)):
        assert one["metadata"]["namespace"] == "2"
        assert chart.objections("1.34", one) == []


@pytest.mark.parametrize("helm", HELMS)
def test_it_can_be_part_of_another_chart(tmp_path, helm):
    (tmp_path / "charts").mkdir()
    shutil.copytree(CHART, tmp_path / "charts" / "gateway")
    (tmp_path / "Chart.yaml").write_text("{apiVersion: v2, name: whole, version: 1.0.0}")
    block = "{accounts: {acme: {gateways: {production: {authentication: none}}}}}"
    (tmp_path / "values.yaml").write_text(f"{{global: {{a: b}}, gateway: {{gateways: {block}}}}}")
    done = chart.run(helm, "template", "one", str(tmp_path), "--kube-version", "1.34.0")
    assert done.returncode == 0, done.stderr
    assert "production:" in done.stdout
    wrong = chart.run(helm, "template", "one", str(tmp_path), "--set", "gateway.replica=3")
    assert "additional properties 'replica' not allowed" in wrong.stderr
