"""What all dialects for embeddings do with what a client may ask for, and what a provider's quirks change."""

import pytest

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.dialects import DIALECTS
from gateway.translation.embeddings import CODECS, NAMES, Quirks, ruled
from gateway.translation.embeddings.codec import segment
from tests.translation.embeddings.requests_of import BOTH, FAR, MODELS, PICTURE, wanted, written
from tests.translation.embeddings.rows import QUIRKS

INPUTS = {
    "input.text": "hello",
    "input.tokens": [1, 2],
    "input.image": [PICTURE],
    "input.image.url": [FAR],
    "input.mixed": [BOTH],
}
MEMBERS = {
    "dimensions": 256,
    "encoding_format": "base64",
    "user": "u",
    "input_type": "query",
    "title": "Cats",
    "truncate": "END",
}
PROVIDERS = [(dialect, f"{dialect}'s own", Quirks()) for dialect in CODECS]
PROVIDERS += [("openai_embeddings", name, quirks) for name, quirks in QUIRKS.items()]
named = pytest.mark.parametrize(("dialect", "name", "quirks"), PROVIDERS, ids=[name for _, name, _ in PROVIDERS])


def asking(thing, dialect):
    """A request with just that thing, for a model that has it where any of the dialect's has."""
    model = MODELS[dialect]
    if dialect == "gemini_predict" and thing in ("input.image", "input.mixed"):
        model = "gemini-embedding-2"
    if thing in INPUTS:
        return wanted(INPUTS[thing], model=model)
    return wanted(model=model, **{thing: MEMBERS[thing]})


def test_codecs_are_named_as_their_dialects():
    assert all(name == codec.name and name in DIALECTS for name, codec in CODECS.items())


@named
def test_there_is_a_rule_for_everything(dialect, name, quirks):
    assert ruled(CODECS[dialect], quirks).keys() == NAMES.keys() == INPUTS.keys() | MEMBERS.keys()


@named
@pytest.mark.parametrize("thing", MEMBERS)
def test_a_wish_is_carried_left_out_or_refused_as_its_rule_says(dialect, name, quirks, thing):
    how = ruled(CODECS[dialect], quirks)[thing].how
    out, refused, hints = written(dialect, asking(thing, dialect), quirks)
    plain, *_ = written(dialect, asking("input.text", dialect), quirks)
    assert refused == ([thing] if how == "refused" else [])
    assert hints == ([thing] if how == "hint" else [])
    if how in ("carried", "renamed"):
        assert out.body != plain.body
    else:
        assert out.body == plain.body


@named
@pytest.mark.parametrize("thing", INPUTS)
def test_an_input_is_carried_or_refused_as_its_rule_says(dialect, name, quirks, thing):
    how = ruled(CODECS[dialect], quirks)[thing].how
    request = asking(thing, dialect)
    if how != "refused":
        _, refused, _ = written(dialect, request, quirks)
        assert refused == []
        return
    with pytest.raises(Refusal, match=r"input\.") as no:
        written(dialect, request, quirks)
    assert (no.value.status, no.value.code) == (400, "unsupported_parameter")


@named
def test_extras_go_to_their_own_dialect_and_are_lost_elsewhere(dialect, name, quirks):
    out, refused, _ = written(dialect, wanted(model=MODELS[dialect], provider={"order": ["x"]}), quirks)
    if dialect == "openai_embeddings":
        assert out.body["provider"] == {"order": ["x"]}
        assert refused == []
    else:
        assert refused == ["provider"]


@named
def test_more_inputs_than_one_call_takes_are_refused_with_the_limit(dialect, name, quirks):
    most = quirks.batch or CODECS[dialect].batch(MODELS[dialect])
    written(dialect, wanted(["a"] * most, model=MODELS[dialect]), quirks)
    with pytest.raises(Refusal, match=rf"^input: .* at most {most} inputs per call .* {most + 1}\.$") as no:
        written(dialect, wanted(["a"] * (most + 1), model=MODELS[dialect]), quirks)
    assert no.value.status == 400


@pytest.mark.parametrize("dialect", ["gemini_embed", "gemini_predict", "bedrock_invoke", "cohere_embed"])
def test_an_input_type_that_a_provider_has_no_word_for_is_lost(dialect):
    _, refused, _ = written(dialect, wanted(model=MODELS[dialect], input_type="haiku"))
    assert refused == ["input_type"]


def test_what_is_lost_is_named_to_the_client():
    codec = CODECS["openai_embeddings"]
    losses = Losses(codec.rules)
    codec.write_request(wanted(title="Cats", truncate="END"), losses, Quirks())
    with pytest.raises(Refusal, match="OpenAI cannot carry: title, truncate"):
        losses.settle("OpenAI", strict=True)
    assert losses.settle("OpenAI", strict=False) == ["title", "truncate"]


@pytest.mark.parametrize(
    ("model", "text"), [("a/b", "a%2Fb"), ("a:b", "a%3Ab"), ("a@1", "a@1"), ("../x?key=1#", "..%2Fx%3Fkey%3D1%23")]
)
def test_a_model_stays_in_its_segment_of_the_path(model, text):
    assert segment(model) == text


@pytest.mark.parametrize("model", ["", ".", ".."])
def test_a_model_that_is_a_step_in_a_path_is_refused(model):
    with pytest.raises(Refusal, match=r"^model: "):
        segment(model)
