import hashlib

import pytest

from gateway.settings import checks

TOKEN = "t" * 16
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()


def tokens(*written):
    return "{authentication: {tokens: [" + ", ".join(written) + "]}}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{keys: {opnai: k}}", "keys.opnai: unknown provider `opnai`; did you mean `openai`?"),
        ("{keys: {custom-vllm: k}}", "keys.custom-vllm: unknown provider `custom-vllm`"),
        ("{providers: [openai, antropic]}", "providers[1]: unknown provider `antropic`; did you mean `anthropic`?"),
        ("{keys: {openai: 'a b '}}", "keys.openai: this key holds a line break, a blank at an end,"),
        ('{keys: {openai: ["ok", "a\\nb"]}}', "keys.openai[1]: this key holds a line break"),
        ("{traces: [{url: 'https://me:pw@otel'}]}", "traces[0].url: a URL must not hold a name or password"),
        ("{traces: [{url: 'https://otel:99999'}]}", "traces[0].url: this is not a URL"),
        ("{traces: [{url: 'https://:80/v1'}]}", "traces[0].url: this URL has no host"),
        (tokens("{name: a}"), "authentication.tokens[0]: a token needs exactly one of `token` and `sha256`"),
        (
            tokens(f"{{name: a, token: {TOKEN}, sha256: {DIGEST}}}"),
            "authentication.tokens[0]: a token needs exactly one of",
        ),
        (tokens("{name: a, token: short}"), "authentication.tokens[0].token: a token has 16 to 512 characters"),
        (
            tokens(f"{{name: a, token: {'x' * 513}}}"),
            "authentication.tokens[0].token: a token has 16 to 512 characters",
        ),
        (
            tokens("{name: a, token: 'with a blank within'}"),
            "authentication.tokens[0].token: a token must be plain ASCII",
        ),
        (
            tokens(f"{{name: a, sha256: {DIGEST}, expires: 2027-02-30}}"),
            "authentication.tokens[0].expires: there is no such day",
        ),
        (
            tokens(f"{{name: a, sha256: {DIGEST}}}", f"{{name: a, sha256: {'0' * 64}}}"),
            "authentication.tokens[1].name: another token has this name, on line 1",
        ),
        (
            tokens(f"{{name: a, token: {TOKEN}}}", f"{{name: b, sha256: {DIGEST}}}"),
            "authentication.tokens[1].sha256: this is another token's secret, on line 1",
        ),
    ],
)
def test_what_no_schema_can_say_is_checked_too(block, text, problem):
    found = block(text)
    assert found[0].startswith(problem)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("providers: {vllm: {}}", "1:13: providers.vllm: `base_url` is missing: `vllm` is not a built-in provider"),
        (
            "providers: {opeani: {}}",
            "1:13: providers.opeani: `base_url` is missing: `opeani` is not a built-in provider;",
        ),
        ("providers: {vllm: {base_url: 'http://me:pw@h/v1'}}", "1:30: providers.vllm.base_url: a URL must not hold a"),
        (
            "providers: {vllm: {base_url: 'ftp://h'}}",
            "1:30: providers.vllm.base_url: expected a URL such as https://llm",
        ),
        (
            "providers: {v_llm: {base_url: 'http://h'}}",
            "1:13: providers.v_llm: `v_llm` cannot be a key here: expected a",
        ),
        ("prices: {opnai/x: {input: 1}}", "1:10: prices.opnai/x: unknown provider `opnai`; did you mean `openai`?"),
        ("prices: {gpt: {input: 1}}", "1:10: prices.gpt: `gpt` is not a price's name: write `provider/model`"),
        ("prices: {openai/x: {input: -1}}", "1:28: prices.openai/x.input: expected a price such as 0.15, at least 0"),
        ("prices: {openai/x: {output: 1}}", "1:10: prices.openai/x: `input` is missing"),
        ("server: {proxy: 'ftp://proxy'}", "1:17: server.proxy: expected a proxy URL such as http://proxy.internal"),
    ],
)
def test_providers_prices_and_the_server_are_checked(wrong, head, problem):
    found = wrong(head + "\naccounts: {a: {gateways: {}}}")
    assert found[0].startswith(problem)
    assert len(found) == 1


def test_ones_own_provider_without_its_prefix_is_recognised(wrong):
    found = wrong("providers: {vllm: {base_url: 'http://h'}}\naccounts: {a: {gateways: {g: {keys: {vllm: k}}}}}")
    assert found == ["2:38: accounts.a.gateways.g.keys.vllm: unknown provider `vllm`; did you mean `custom-vllm`?"]


def test_names_aliases_and_ones_own_providers_are_known(good):
    loaded = good(
        "providers: {vllm: {base_url: 'http://vllm.internal:8000/v1', auth: none}, cerebras: {base_url: 'http://h'}}\n"
        "prices: {custom-vllm/*: {input: 0.10}, openai/x: {input: 1}, '*/y': {input: 0}}\n"
        "accounts: {a: {gateways: {g: {providers: [custom-vllm, xai], keys: {custom-vllm: k, xai: k}}}}}\n"
    )
    assert list(loaded.document.accounts["a"].gateways["g"].keys) == ["custom-vllm", "xai"]


def test_problems_of_the_defaults_are_said_once_and_where_they_stand(wrong):
    found = wrong(
        "defaults: {keys: {opnai: k}, traces: [{url: 'http://a@b'}], client_keys: x}\n"
        "accounts: {a: {gateways: {g: {}, h: {}}}}\n"
    )
    assert [line.split(": ")[1] for line in found] == [
        "defaults.keys.opnai",
        "defaults.traces[0].url",
        "defaults.client_keys",
    ]


def test_a_stored_key_with_structure_needs_the_extra_that_signs_with_it(block, monkeypatch):
    monkeypatch.setitem(checks.EXTRAS, "aws", ("no_such_module", "gateway[aws]"))
    assert block('{keys: {aws-bedrock: \'{"accessKeyId": "a"}\'}}') == [
        "keys.aws-bedrock: a stored key of `aws-bedrock` needs an extra that is not installed:"
        " pip install 'gateway[aws]'"
    ]


def test_a_socks_proxy_needs_an_extra_too(wrong, monkeypatch):
    monkeypatch.setitem(checks.EXTRAS, "socks", ("no_such_module", "httpx2[socks]"))
    assert wrong("server: {proxy: 'socks5://proxy:1080'}\naccounts: {a: {gateways: {}}}") == [
        "1:17: server.proxy: a SOCKS proxy needs an extra that is not installed: pip install 'httpx2[socks]'"
    ]


def test_a_stored_key_that_is_a_bearer_needs_no_extra(good, monkeypatch):
    monkeypatch.setitem(checks.EXTRAS, "aws", ("no_such_module", "gateway[aws]"))
    good("accounts: {a: {gateways: {g: {keys: {aws-bedrock: bedrock-api-key}}}}}")


@pytest.mark.parametrize(("module", "there"), [("json", True), ("no_such_module", False), ("no.such.module", False)])
def test_whether_a_module_is_installed_is_found_without_importing_it(module, there):
    assert checks.installed(module) is there


def test_an_expired_token_and_a_secret_in_clear_are_worth_a_note(good, tmp_path):
    loaded = good(
        "accounts: {a: {gateways: {g: {keys: {openai: in-clear},\n"
        f" authentication: {{tokens: [{{name: a, sha256: {DIGEST}, expires: 2020-01-01}},"
        " {name: b, token: '${T}'}]}}}}}",
        T="t" * 20,
    )
    assert [(note.line, note.path, note.sentence[:29]) for note in loaded.notes] == [
        (1, "accounts.a.gateways.g.keys.openai", "this provider key stands here"),
        (2, "accounts.a.gateways.g.authentication.tokens[0].expires", "this token has expired"),
    ]


def test_tens_of_thousands_of_slips_take_no_time_each(wrong):
    text = "accounts: {a: {gateways: {g: {keys: {" + ",".join(f"p{n}: k" for n in range(20_000)) + "}}}}}"
    assert len(wrong(text)) == 100
