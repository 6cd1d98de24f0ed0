"""Recorded requests of each dialect, written for each other dialect, are what that dialect's published types accept.

The types are those of the official SDKs: pydantic for OpenAI's, Anthropic's and Google's, botocore's own validation for
Bedrock's, Cohere's documented shapes. What a dialect cannot carry is left out, as a client may allow.
"""

import json
from collections import Counter

import pytest
from anthropic.types.message_create_params import MessageCreateParams
from google.genai import types as google
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import TypeAdapter, ValidationError

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks
from gateway.translation.codecs import CODECS
from tests import corpus
from tests.translation.bedrock_converse import shapes as converse
from tests.translation.cohere_chat import shapes as cohere

SURFACES = {
    "chat": "openai_chat", "mantle-chat": "openai_chat", "openai-chat": "openai_chat", "responses": "openai_responses",
    "mantle-responses": "openai_responses", "messages": "anthropic_messages", "generateContent": "gemini_generate",
}  # fmt: skip
MODELS = {
    "openai_chat": "gpt-5", "openai_responses": "gpt-5", "anthropic_messages": "claude-sonnet-4-5",
    "gemini_generate": "gemini-2.5-pro", "bedrock_converse": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "cohere_chat": "command-a-03-2025",
}  # fmt: skip
TYPES = {
    "openai_chat": TypeAdapter(CompletionCreateParams),
    "openai_responses": TypeAdapter(ResponseCreateParams),
    "anthropic_messages": TypeAdapter(MessageCreateParams),
}


EXCEPTIONS = {
    ("openai_responses", '"input_audio"'): "documented by OpenAI, and yet without a type in its SDK",
    ("openai_responses", '"on_demand"'): "Groq's own word for a service tier: passed on for the provider to judge",
}
"""What a written body holds that its types do not know, and why it is written all the same."""


def excepted(target, written):
    return any(dialect == target and words in json.dumps(written.body) for dialect, words in EXCEPTIONS)


def accepts(dialect, written):
    """Raise what the published types say against a body."""
    body = json.loads(json.dumps(written.body))
    if dialect == "bedrock_converse":
        converse.check(written)
    elif dialect == "cohere_chat":
        cohere.check(body)
    elif dialect == "gemini_generate":
        for content in body["contents"]:
            google.Content.model_validate(content)
        google.GenerationConfig.model_validate(body.get("generationConfig", {}))
        for tool in body.get("tools", ()):
            google.Tool.model_validate(tool)
    else:
        TYPES[dialect].validate_python(body)


def recorded():
    for one in corpus.exchanges():
        dialect = SURFACES.get(one.surface)
        if dialect and one.request_body and one.request_recorded and one.status < 400:
            body = json.loads(one.request_body)
            if dialect == "gemini_generate":
                body = {**body, "model": "m", "stream": one.stream}
            yield one.id, dialect, body


@corpus.present
@pytest.mark.parametrize("target", CODECS)
def test_recorded_requests_written_for_another_dialect_are_accepted_by_its_types(target):
    crossed, refused, wrong = Counter(), Counter(), []
    for id, dialect, body in recorded():
        if dialect == target:
            continue
        conversation = CODECS[dialect].read_request(body)
        conversation.model = MODELS[target]
        losses = Losses(CODECS[target].rules)
        try:
            written = CODECS[target].write_request(conversation, losses, Quirks())
            losses.settle("p", strict=False)
        except Refusal as no:
            refused[no.sentence] += 1
            continue
        crossed[dialect] += 1
        try:
            accepts(target, written)
        except (ValidationError, AssertionError) as fault:
            if not excepted(target, written):
                wrong.append(f"{id}: {str(fault)[:400]}")
    assert not wrong, f"{len(wrong)} of {crossed.total()}:\n" + "\n".join(wrong[:10])
    assert crossed.total() > 100
    assert refused.total() < crossed.total() / 50, refused
