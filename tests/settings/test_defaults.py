def gateways(loaded):
    return loaded.document.accounts["a"].gateways


def test_a_gateway_starts_from_the_defaults_and_what_it_writes_wins(good):
    found = gateways(
        good(
            "defaults: {timeout: {connect: 1s, total: 2m}, keys: {openai: shared}, providers: [openai, grok]}\n"
            "accounts: {a: {gateways: {plain: {},\n"
            "  own: {timeout: {connect: 9s}, keys: {grok: mine}, providers: [grok]}}}}\n"
        )
    )
    assert (found["plain"].timeout.connect, found["plain"].timeout.total) == (1, 120)
    assert (found["own"].timeout.connect, found["own"].timeout.total, found["own"].timeout.idle) == (9, 120, 300)
    assert sorted(found["own"].keys) == ["grok", "openai"]
    assert (found["plain"].providers, found["own"].providers) == (["openai", "grok"], ["grok"])


def test_a_word_replaces_a_mapping_of_the_defaults(good):
    found = gateways(
        good(
            f"defaults: {{authentication: {{tokens: [{{name: a, sha256: {'0' * 64}}}]}}}}\n"
            "accounts: {a: {gateways: {open: {authentication: none}, closed: {}}}}\n"
        )
    )
    assert found["open"].authentication == "none"
    assert found["closed"].authentication.tokens[0].name == "a"


def test_an_optional_key_that_is_not_there_leaves_the_defaults_key(good):
    found = gateways(
        good("defaults: {keys: {openai: shared}}\naccounts: {a: {gateways: {g: {keys: {openai: '${NO:-}'}}}}}\n")
    )
    assert found["g"].keys["openai"]["default"][0].reveal() == "shared"


def test_a_gateway_without_a_value_is_a_mistake_also_with_defaults(wrong):
    found = wrong("defaults: {http_spans: true}\naccounts: {a: {gateways: {g: }}}\n")
    assert found[0].startswith("2:30: accounts.a.gateways.g: has no value; take the key out")


def test_defaults_cannot_multiply_a_file_without_end(wrong):
    keys = ",".join(f"p{n}: k" for n in range(1000))
    blocks = ",".join(f"g{n}: {{}}" for n in range(1000))
    found = wrong(f"defaults: {{keys: {{{keys}}}}}\naccounts: {{a: {{gateways: {{{blocks}}}}}}}\n")
    assert any("more than 200000 values" in line for line in found)


def test_an_account_that_is_written_once_and_used_twice_gets_its_defaults_once(good):
    loaded = good("defaults: {http_spans: true}\naccounts: {a: &x {gateways: {g: {}}}, b: *x}\n")
    assert loaded.document.accounts["b"].gateways["g"].http_spans is True
