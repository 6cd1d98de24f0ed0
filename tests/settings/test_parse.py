import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.settings.nodes import at, meaning, plain
from gateway.settings.parse import parse as parse_file
from gateway.settings.problems import Problems


def parse(text):
    return parse_file(Path("f"), text)


def refusal(text):
    """The only problem of a text."""
    try:
        _, findings = parse(text)
    except Problems as problems:
        found = [(problem.line, problem.column, problem.sentence) for problem in problems.problems]
    else:
        found = [(finding.spot.line, finding.spot.column, finding.sentence) for finding in findings]
    assert len(found) == 1
    return found[0]


# A number to YAML 1.2, as read here, that YAML 1.1 writes without quotes for a text (`0E0`) is left out.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"]), min_size=1, max_size=6).filter(
    lambda text: isinstance(meaning(text), str) or not isinstance(yaml.safe_load(text), str)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None, database=None)
def test_what_yaml_writes_is_read_back(value):
    text = yaml.safe_dump(value, allow_unicode=True)
    try:
        root, findings = parse(text)
    except Problems:
        # YAML 1.1 writes a few things that are read differently here, but never silently.
        pytest.fail(text)
    if not findings:
        assert plain(root) == value


@given(st.text(alphabet="ab:-[]{},&*!|>'\"#%@`? \n\t\\<0", max_size=60))
@settings(max_examples=500, deadline=None, database=None)
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        parse(text)
        found = []
    except Problems as problems:
        found = problems.problems
    assert all(problem.sentence and problem.line >= 1 and problem.column >= 1 for problem in found)


def test_every_value_and_key_knows_its_place():
    root, _ = parse("a:\n  - b: 1\n    cd: {e: x}\n")
    key, value = at(root, ["a", 0, "cd", "e"])
    assert (key.line, key.column, value.line, value.column) == (3, 10, 3, 13)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "duplicate key `a`, already on line 1"),
        ("a: {b: 1, b: 2}", (1, 11), "duplicate key `b`, already on line 1"),
        ("a: &x [*x]", (1, 8), "`*x` stands within itself"),
        ("a: *x", (1, 4), "nothing above is called `&x`"),
        ("a: b\n---\nc: d\n", (2, 1), "a second document begins here; keep one, without `---`"),
        ("1: a", (1, 1), "a key must be text: put it in quotes"),
        ("true: a", (1, 1), "a key must be text: put it in quotes"),
        ("~: a", (1, 1), "a key must be text: put it in quotes"),
        ("[a]: b", (1, 1), "a key must be text, not a list or a mapping"),
        ("a: {<<: {b: 1}}", (1, 5), "merge keys (`<<`) are not read here; use `defaults` or a plain alias"),
        ("a: !!python/name:os.system x", (1, 4), "tags are not read here; write the plain value"),
        ("a: !!str x", (1, 4), "tags are not read here; write the plain value"),
        ("a: !x x", (1, 4), "tags are not read here; write the plain value"),
        ("a:\n\tb: 1", (2, 1), "a tab cannot indent in YAML; use spaces"),
        ("a: {b: ${K}}", (1, 9), "within `{ }` and `[ ]` a reference needs quotes"),
        ("a: {b: 1", (2, 1), "a `,` or `}` is missing"),
        ("a: b: c", (1, 5), "a `:` is not expected here"),
        ('a: "b', (1, 6), "the file ends within quotes"),
        ("a: @b", (1, 4), "this character cannot begin a value; put the value in quotes"),
        ("", (1, 1), "the file is empty"),
        ("# nothing\n", (1, 1), "the file is empty"),
        ("[" * 60, (1, 51), "more than 50 levels deep"),
    ],
)
def test_what_is_not_read_is_refused_in_one_sentence(text, place, sentence):
    line, column, said = refusal(text)
    assert (line, column) == place
    assert said.startswith(sentence)


def test_quoted_keys_that_look_like_numbers_are_text():
    root, findings = parse("'1': a\n\"true\": b")
    assert (plain(root), findings) == ({"1": "a", "true": "b"}, [])


def test_an_alias_of_a_finished_value_is_that_value():
    root, findings = parse("a: &x {b: [1, 2]}\nc: *x\n")
    assert (plain(root)["c"], findings) == ({"b": [1, 2]}, [])


def test_aliases_cannot_make_a_tree_deeper_than_it_may_be():
    layers = "".join(f"a{n}: &a{n} {'[' * 40}*a{n - 1}{']' * 40}\n" for n in range(1, 30))
    assert "more than 50 levels deep" in refusal("a0: &a0 [x]\n" + layers)[2]


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)),
        "a: [" + "0," * 900_000 + "]",
        "a: 1\n" * 300_000,
    ],
    ids=["aliases", "items", "pairs"],
)
def test_more_values_than_a_settings_file_has_are_refused_soon(text):
    begun = time.perf_counter()
    with pytest.raises(Problems, match="more than 200000 values"):
        parse(text)
    assert time.perf_counter() - begun < 5


def test_all_duplicate_keys_are_found_at_once():
    _, findings = parse("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert len(findings) == 2
