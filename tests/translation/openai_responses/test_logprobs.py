"""Log probabilities, of a candidate there and of a text here."""

from gateway.translation.openai_responses.logprobs import entries_of, neutral, shared_out


def tokens(*texts):
    return [{"token": text} for text in texts]


def test_tokens_are_shared_out_by_the_lengths_of_the_texts():
    assert shared_out(tokens("ab", "c", "de", "f"), ["abc", "def"]) == [tokens("ab", "c"), tokens("de", "f")]
    assert shared_out(tokens("a", "b"), ["", "a", "b", ""]) == [[], tokens("a"), tokens("b"), []]
    assert shared_out(tokens("a"), []) == []
    assert shared_out([], ["abc", "def"]) == [[], []]


def test_a_token_gets_all_members_that_the_sdk_wants():
    [entry] = entries_of(neutral([{"token": "é", "logprob": -1.5}]))
    assert entry == {"token": "é", "bytes": [195, 169], "logprob": -1.5, "top_logprobs": []}


def test_what_is_no_list_of_tokens_has_none():
    assert [entries_of(odd) for odd in (None, {}, {"content": None}, {"content": [5]}, [])] == [[]] * 5
