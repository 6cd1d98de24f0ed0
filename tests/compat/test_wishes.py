"""What a client asks for besides words arrives at providers of every dialect, in that dialect."""

import base64
import json

import pytest
from google.genai import types

from tests import corpus
from tests.compat.recordings import CONVERSE, OWN, RESPONSES, recordings
from tests.compat.stage import replayed
from tests.compat.talkers import TALKERS

pytestmark = corpus.present

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(48))).decode()
RULE, ASK = "Answer briefly, please.", "What is on it?"
SCHEMA = {"type": "object", "properties": {"shape": {"type": "string"}}, "required": ["shape"]}
SCHEMA |= {"additionalProperties": False}
SLUGS = {
    "openai_chat": OWN,
    "openai_responses": RESPONSES,
    "anthropic_messages": "anthropic",
    "gemini_generate": "google-ai-studio",
    "bedrock_converse": CONVERSE,
    "cohere_chat": "cohere",
}


def chat(sdk, model, headers):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    sdk.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": RULE},
            {"role": "user", "content": [{"type": "text", "text": ASK}, image]},
        ],
        max_completion_tokens=77,
        temperature=0.125,
        response_format={"type": "json_schema", "json_schema": {"name": "shape", "schema": SCHEMA, "strict": True}},
        extra_headers=headers,
    )


def responses(sdk, model, headers):
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"}
    sdk.responses.create(
        model=model,
        instructions=RULE,
        input=[{"role": "user", "content": [{"type": "input_text", "text": ASK}, image]}],
        max_output_tokens=77,
        temperature=0.125,
        text={"format": {"type": "json_schema", "name": "shape", "schema": SCHEMA, "strict": True}},
        extra_headers=headers,
    )


def messages(sdk, model, headers):
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    sdk.messages.create(
        model=model,
        system=RULE,
        max_tokens=77,
        messages=[{"role": "user", "content": [{"type": "text", "text": ASK}, {"type": "image", "source": source}]}],
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
        # This version of the SDK has no argument for it.
        extra_body={"temperature": 0.125},
        extra_headers=headers,
    )


def generate(sdk, model, headers):
    image = types.Part.from_bytes(data=base64.b64decode(PNG), mime_type="image/png")
    config = types.GenerateContentConfig(
        system_instruction=RULE,
        max_output_tokens=77,
        temperature=0.125,
        response_mime_type="application/json",
        response_json_schema=SCHEMA,
        http_options=types.HttpOptions(headers=headers),
    )
    sdk.models.generate_content(model=model, contents=[ASK, image], config=config)


ASKS = {"openai_chat": chat, "openai_responses": responses, "anthropic_messages": messages, "gemini_generate": generate}


def at(value, *path):
    """What stands at a path; None where it leads nowhere."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def plain(schema):
    """A schema without what Google's form of it leaves out."""
    return {name: value for name, value in (schema or {}).items() if name in ("type", "required")}


def told_chat(body):
    first, last = body["messages"]
    return {
        "rule": first["content"],
        "ask": at(last, "content", 0, "text"),
        "image": (at(last, "content", 1, "image_url", "url") or "").partition(",")[2],
        "most": body.get("max_completion_tokens") or body.get("max_tokens"),
        "schema": at(body, "response_format", "json_schema", "schema"),
    }


def told_responses(body):
    turns = [one for one in body["input"] if one["role"] == "user"]
    rules = [one["content"] for one in body["input"] if one["role"] in ("system", "developer")]
    return {
        "rule": body.get("instructions") or at(rules, 0),
        "ask": at(turns, 0, "content", 0, "text"),
        "image": (at(turns, 0, "content", 1, "image_url") or "").partition(",")[2],
        "most": body.get("max_output_tokens"),
        "schema": at(body, "text", "format", "schema"),
    }


def told_messages(body):
    rule = body["system"]
    return {
        "rule": rule if isinstance(rule, str) else at(rule, 0, "text"),
        "ask": at(body, "messages", 0, "content", 0, "text"),
        "image": at(body, "messages", 0, "content", 1, "source", "data"),
        "most": body["max_tokens"],
        "schema": at(body, "output_config", "format", "schema"),
    }


def told_generate(body):
    config = body["generationConfig"]
    image = at(body, "contents", 0, "parts", 1, "inlineData") or at(body, "contents", 0, "parts", 1, "inline_data")
    return {
        "rule": at(body, "systemInstruction", "parts", 0, "text"),
        "ask": at(body, "contents", 0, "parts", 0, "text"),
        "image": at(image, "data"),
        "most": config["maxOutputTokens"],
        "schema": config.get("responseJsonSchema") or config.get("responseSchema"),
        "temperature": config["temperature"],
    }


def told_converse(body):
    schema = at(body, "outputConfig", "textFormat", "structure", "jsonSchema", "schema")
    return {
        "rule": at(body, "system", 0, "text"),
        "ask": at(body, "messages", 0, "content", 0, "text"),
        "image": at(body, "messages", 0, "content", 1, "image", "source", "bytes"),
        "most": at(body, "inferenceConfig", "maxTokens"),
        "schema": json.loads(schema or "{}"),
        "temperature": at(body, "inferenceConfig", "temperature"),
    }


def told_cohere(body):
    first, last = body["messages"]
    return {
        "rule": first["content"],
        "ask": at(last, "content", 0, "text"),
        "image": (at(last, "content", 1, "image_url", "url") or "").partition(",")[2],
        "most": body["max_tokens"],
        "schema": at(body, "response_format", "json_schema") or at(body, "response_format", "schema"),
    }


TOLD = {
    "openai_chat": told_chat,
    "openai_responses": told_responses,
    "anthropic_messages": told_messages,
    "gemini_generate": told_generate,
    "bedrock_converse": told_converse,
    "cohere_chat": told_cohere,
}


@pytest.mark.parametrize("dialect", TOLD)
@pytest.mark.parametrize("client", TALKERS)
def test_rules_images_limits_and_schemas_arrive(stage, client, dialect):
    slug = SLUGS[dialect]
    one = next(
        one
        for one in recordings()
        if one.dialect == dialect and not one.exchange.stream and one.exchange.status == 200 and one.said.first.text
    )
    id = f"{one.id}/{client}/wishes"
    stage.player.said[id] = replayed(one)
    ASKS[client](stage.talker(client, slug).sdk, f"{slug}/claude-sonnet-4-5", stage.headers(id, slug))
    (asked,) = stage.player.got[id]
    body = json.loads(asked.body)
    told = {"temperature": body.get("temperature")} | TOLD[dialect](body)
    assert plain(told.pop("schema")) == plain(SCHEMA)
    assert told == {"rule": RULE, "ask": ASK, "image": PNG, "most": 77, "temperature": 0.125}
