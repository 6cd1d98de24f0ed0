"""What requests say about themselves, by dialect."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import DIALECTS, Peek


def peek(dialect, **body):
    return DIALECTS[dialect].read_request(json.dumps(body).encode())


def short(found):
    return {name.removeprefix("gen_ai.").removeprefix("request."): value for name, value in found.parameters.items()}


def test_a_chat_request_names_its_model_and_parameters():
    found = peek(
        "openai_chat",
        model="gpt-4o",
        stream=True,
        max_completion_tokens=50,
        max_tokens=40,
        temperature=0.5,
        top_p=1,
        frequency_penalty=0.1,
        presence_penalty=-0.1,
        seed=7,
        n=2,
        stop="END",
        response_format={"type": "json_schema", "json_schema": {}},
        messages=[{"role": "user", "content": "hi"}],
    )
    assert (found.model, found.stream) == ("gpt-4o", True)
    assert short(found) == {
        "max_tokens": 50,
        "temperature": 0.5,
        "top_p": 1.0,
        "frequency_penalty": 0.1,
        "presence_penalty": -0.1,
        "seed": 7,
        "choice.count": 2,
        "stop_sequences": ["END"],
        "stream": True,
        "output.type": "json",
    }


def test_what_is_not_asked_for_is_not_there():
    assert peek("openai_chat", model="m", n=1, stream=False, stop=None) == Peek("m", False, {})


@pytest.mark.parametrize(
    ("dialect", "body", "wanted"),
    [
        ("openai_chat", {"modalities": ["text", "audio"]}, {"output.type": "speech"}),
        ("openai_chat", {"random_seed": 3}, {"seed": 3}),
        ("openai_completions", {"max_tokens": 3, "stop": ["a", "b"]}, {"max_tokens": 3, "stop_sequences": ["a", "b"]}),
        (
            "openai_responses",
            {"max_output_tokens": 9, "text": {"format": {"type": "json_object"}}},
            {"max_tokens": 9, "output.type": "json"},
        ),
        (
            "openai_embeddings",
            {"dimensions": 256, "encoding_format": "base64"},
            {"embeddings.dimension.count": 256, "encoding_formats": ["base64"]},
        ),
        ("openai_images", {"n": 3}, {"output.type": "image", "choice.count": 3}),
        ("openai_audio", {"voice": "alloy"}, {"output.type": "speech"}),
        (
            "anthropic_messages",
            {
                "max_tokens": 5,
                "top_k": 4,
                "stop_sequences": ["x"],
                "output_config": {"format": {"type": "json_schema"}},
            },
            {"max_tokens": 5, "top_k": 4, "stop_sequences": ["x"], "output.type": "json"},
        ),
        ("anthropic_complete", {"max_tokens_to_sample": 5}, {"max_tokens": 5}),
        (
            "gemini_generate",
            {
                "generationConfig": {
                    "maxOutputTokens": 5,
                    "topK": 4,
                    "topP": 0.5,
                    "seed": 1,
                    "candidateCount": 2,
                    "stopSequences": ["x"],
                    "responseMimeType": "application/json",
                }
            },
            {
                "max_tokens": 5,
                "top_k": 4,
                "top_p": 0.5,
                "seed": 1,
                "choice.count": 2,
                "stop_sequences": ["x"],
                "output.type": "json",
            },
        ),
        ("gemini_generate", {"generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}}, {"output.type": "image"}),
        ("gemini_generate", {"generation_config": {"max_output_tokens": 8}}, {"max_tokens": 8}),
        ("gemini_embed", {"outputDimensionality": 64}, {"embeddings.dimension.count": 64}),
        ("gemini_interactions", {"generation_config": {"max_output_tokens": 8}}, {"max_tokens": 8}),
        ("cohere_chat", {"p": 0.5, "k": 3, "seed": 4}, {"top_p": 0.5, "top_k": 3, "seed": 4}),
        (
            "cohere_embed",
            {"output_dimension": 64, "embedding_types": ["float"]},
            {"embeddings.dimension.count": 64, "encoding_formats": ["float"]},
        ),
        (
            "bedrock_converse",
            {"inferenceConfig": {"maxTokens": 5, "topP": 0.5, "stopSequences": ["x"]}},
            {"max_tokens": 5, "top_p": 0.5, "stop_sequences": ["x"]},
        ),
        ("bedrock_invoke", {"max_gen_len": 5, "temperature": 0.5}, {"max_tokens": 5, "temperature": 0.5}),
        ("bedrock_invoke", {"textGenerationConfig": {"maxTokenCount": 5}}, {"max_tokens": 5}),
        ("bedrock_invoke", {"max_tokens_to_sample": 5, "k": 3}, {"max_tokens": 5, "top_k": 3}),
        ("bedrock_invoke", {"inferenceConfig": {"max_new_tokens": 5, "topK": 3}}, {"max_tokens": 5, "top_k": 3}),
        (
            "ollama_chat",
            {"stream": False, "options": {"num_predict": 5, "seed": 1}, "format": "json"},
            {"max_tokens": 5, "seed": 1, "output.type": "json"},
        ),
    ],
)
def test_each_dialect_says_the_same_in_its_own_words(dialect, body, wanted):
    assert short(peek(dialect, **body)) == wanted


def test_ollama_streams_unless_told_not_to():
    assert peek("ollama_chat", model="m").stream
    assert not peek("ollama_chat", model="m", stream=False).stream
    assert not peek("ollama_embed", model="m").stream


def test_a_form_is_read_without_its_file():
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n'
    form += b"\r\n\0" * 200_000
    form += b'\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
    form += b'--b\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n--b--\r\n'
    found = DIALECTS["openai_audio"].read_request(form)
    assert (found.model, found.stream) == ("whisper-1", True)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"5", b"{", b"\xff", b"[" * 10**5, b'{"a":' * 10**5, b'{"model":' + b"[" * 10**5, b"--"],
)
def test_an_odd_body_is_an_empty_peek(dialect, body):
    found = DIALECTS[dialect].read_request(body)
    assert found.model == ""
    assert not found.stream


@pytest.mark.parametrize("field", ["temperature", "stop", "n", "seed", "stream", "max_tokens", "response_format"])
@pytest.mark.parametrize("nonsense", ["many", {"a": 1}, [1, 2], 10**30, None, [["x"]]])
def test_a_field_of_a_wrong_type_does_not_lose_the_model(field, nonsense):
    assert peek("openai_chat", **{"model": "m", "top_p": 0.5, field: nonsense}).model == "m"


attributes = st.sampled_from(
    ["model", "stream", "temperature", "generationConfig", "inferenceConfig", "options", "n", "seed"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(DIALECTS)),
    st.dictionaries(
        attributes, st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), max_size=5
    ),
)
def test_any_request_gives_attributes_that_telemetry_can_send(dialect, body):
    found = DIALECTS[dialect].read_request(json.dumps(body).encode())
    for value in found.parameters.values():
        for one in value if isinstance(value, list) else [value]:
            assert isinstance(one, (str, bool, float, int))
            assert not isinstance(one, int) or -(2**63) <= one < 2**63


def test_operations_are_opentelemetrys():
    known = {"chat", "text_completion", "generate_content", "embeddings", ""}
    assert {dialect.operation for dialect in DIALECTS.values()} == known
    assert all(name == dialect.name for name, dialect in DIALECTS.items())


def test_on_bedrock_a_price_is_looked_up_by_what_was_asked_for():
    assert DIALECTS["bedrock_converse"].models("asked", "answered") == ("asked", "answered")
    assert DIALECTS["openai_chat"].models("asked", "answered") == ("answered", "asked")
