import time

import pytest

from gateway.settings.problems import dotted, listed, nearest, quoted


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("accounts", "acme", "traces", 0, "url"), "accounts.acme.traces[0].url"),
        (("prices", "custom-vllm/*"), "prices.custom-vllm/*"),
        (("accounts", "a b"), 'accounts["a b"]'),
        (("x.y",), '["x.y"]'),
        ((), ""),
    ],
)
def test_a_path_reads_as_in_the_documentation(path, written):
    assert dotted(path) == written


def test_a_name_from_the_file_cannot_write_to_the_terminal():
    assert quoted("\x1b[31mred\n") == "`?[31mred?`"
    assert len(quoted("x" * 10**6)) < 80


def test_the_nearest_name_is_suggested_only_when_it_is_near():
    assert nearest("Opnai", ["anthropic", "openai"]) == "; did you mean `openai`?"
    assert nearest("zzz", ["anthropic", "openai"]) == ""


def test_looking_for_the_nearest_name_has_bounds():
    begun = time.perf_counter()
    assert nearest("ab" * 10**5, ["ab" * 10**5]) == ""
    nearest("abc", [f"ab{n}" for n in range(10**5)])
    assert time.perf_counter() - begun < 1


def test_a_long_list_of_names_ends_in_a_count():
    assert listed(["a", "b"]) == "`a` or `b`"
    assert listed([str(n) for n in range(20)], "and").endswith("`11` and 8 others")
