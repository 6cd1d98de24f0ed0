import pytest


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{authetication: x}", "authetication: unknown key `authetication`; did you mean `authentication`?"),
        ("{zzz: x}", "zzz: unknown key `zzz`; known here: `authentication`, `keys`, `client_keys`"),
        ("{client_keys: perfer}", "client_keys: must be `forbid`, `ignore` or `prefer`; did you mean `prefer`?"),
        ("{client_keys: 1}", "client_keys: expected `forbid`, `ignore` or `prefer`, got a number"),
        ("{timeout: {connect: 30}}", "timeout.connect: expected a duration above 0 such as 30s, got a number"),
        ("{timeout: {connect: 1:30}}", "timeout.connect: expected a duration above 0 such as 30s"),
        ("{timeout: 30s}", "timeout: expected a mapping with `connect`, `first_byte`, `idle` and `total`, got text"),
        ("{timeout: }", "timeout: has no value; take the key out, or give it a mapping with `connect`"),
        ("{authentication: nome}", "authentication: must be `none`, or a mapping with `tokens`; did you mean `none`?"),
        ("{authentication: }", "authentication: has no value; take the key out, or give it `none`, or a mapping"),
        ("{authentication: {tokens: []}}", "authentication.tokens: is empty; give at least one"),
        ("{authentication: {}}", "authentication: `tokens` is missing"),
        ("{authentication: {tokens: {}}}", "authentication.tokens: expected a list, got a mapping"),
        ("{authentication: {token: []}}", "authentication: `tokens` is missing"),
        ("{http_spans: maybe}", "http_spans: expected true or false, got text"),
        ("{http_spans: 1}", "http_spans: expected true or false, got a number"),
        ("{providers: [openai, true]}", "providers[1]: expected text, got true or false; put it in quotes"),
        ("{providers: [1.5]}", "providers[0]: expected text, got a number; put it in quotes"),
        ("{keys: {openai: ''}}", "keys.openai: is empty"),
        ("{keys: {openai: []}}", "keys.openai: is empty; give at least one"),
        ("{keys: {openai: {}}}", "keys.openai: is empty; give at least one"),
        ("{keys: {openai: 12}}", "keys.openai: expected text, a list, or a mapping, got a number; put it in quotes"),
        ("{keys: {openai: {default: {a: b}}}}", "keys.openai.default: expected text, or a list, got a mapping"),
        (
            "{keys: {openai: {'a b': k}}}",
            'keys.openai["a b"]: `a b` cannot be a key here: expected a key alias such as default',
        ),
        ("{keys: [openai]}", "keys: expected a mapping, got a list"),
        ("{logs: {max_payload_bytes: 64k}}", "logs.max_payload_bytes: expected a size such as 25MiB"),
        ("{logs: {max_payload_bytes: -1}}", "logs.max_payload_bytes: expected a size such as 25MiB, at least 0"),
        ("{traces: [{content_type: xml}]}", "traces[0]: `url` is missing"),
    ],
)
def test_a_problem_is_said_in_words_that_help(block, text, sentence):
    assert block(text)[0].startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("accounts: []", "1:11: accounts: expected a mapping, got a list"),
        ("accounts: {}", "1:11: accounts: is empty; give at least one"),
        ("acounts: {}", "1:1: `accounts` is missing"),
        (
            "just text",
            "1:1: expected a mapping with `server`, `providers`, `prices`, `defaults` and `accounts`, got text",
        ),
        ("accounts: {a: {}}", "1:12: accounts.a: `gateways` is missing"),
        (
            "accounts: {'a/b': {gateways: {}}}",
            "1:12: accounts.a/b: `a/b` cannot be a key here: expected a name such as",
        ),
        ("accounts: {a: {gateways: {..: {}}}}", '1:27: accounts.a.gateways[".."]: `..` cannot be a key here'),
    ],
)
def test_the_outer_parts_are_checked_too(wrong, text, sentence):
    assert wrong(text)[0].startswith(sentence)


def test_a_problem_stands_at_its_key_or_value_and_all_are_found_at_once(wrong):
    lines = wrong(
        "server:\n"
        "  drain: {delay: 5s, timeouts: 3s}\n"
        "  max_connections: 0\n"
        "accounts:\n"
        "  acme:\n"
        "    gateways:\n"
        "      production:\n"
        "        authetication: {}\n"
        "        timeout: {conect: 5s}\n"
        "        client_keys: never\n"
    )
    here = "accounts.acme.gateways.production"
    assert [line.split(": ")[0] + ": " + line.split(": ")[1] for line in lines] == [
        "2:22: server.drain.timeouts",
        "3:20: server.max_connections",
        f"8:9: {here}.authetication",
        f"9:19: {here}.timeout.conect",
        f"10:22: {here}.client_keys",
    ]


@pytest.mark.parametrize(("written", "value"), [("yes", True), ("No", False), ("on", True), ("OFF", False)])
def test_yes_and_no_are_truths_where_one_is_wanted(good, written, value):
    loaded = good(f"accounts: {{a: {{gateways: {{g: {{http_spans: {written}}}}}}}}}")
    assert loaded.document.accounts["a"].gateways["g"].http_spans is value


def test_yes_is_text_where_text_is_wanted(good):
    loaded = good("accounts: {no: {gateways: {on: {keys: {openai: yes}}}}}")
    assert loaded.document.accounts["no"].gateways["on"].keys["openai"]["default"][0].reveal() == "yes"


def test_yes_beside_a_mistake_is_not_reported(block):
    assert block("{http_spans: yes, trace_content: 1}") == ["trace_content: expected true or false, got a number"]


def test_a_date_needs_no_quotes(good):
    loaded = good(
        "accounts: {a: {gateways: {g: {authentication: {tokens: ["
        f"{{name: a, sha256: {'0' * 64}, expires: 2099-01-01}}]}}}}}}}}}}"
    )
    assert loaded.document.accounts["a"].gateways["g"].authentication.tokens[0].expires == "2099-01-01"


def test_no_more_problems_are_shown_than_a_person_can_read(wrong):
    lines = wrong("accounts: {a: {gateways: {" + ",".join(f"g{n}: {{x: 1}}" for n in range(500)) + "}}}")
    assert len(lines) == 101
    assert lines[-1].endswith("there is more; these are the first 100")


def test_one_mistake_among_thousands_of_gateways_is_found(wrong):
    sound = ",".join(f"g{n}: {{logs: {{collect: true}}}}" for n in range(3000))
    lines = wrong(f"accounts: {{a: {{gateways: {{{sound}, z: {{logs: {{colect: true}}}}}}}}}}")
    assert [line.split(": ", 1)[1] for line in lines] == [
        "accounts.a.gateways.z.logs.colect: unknown key `colect`; did you mean `collect`?"
    ]
