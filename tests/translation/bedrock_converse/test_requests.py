"""What is asked becomes a body that botocore accepts, and a path as boto3 has it."""

import botocore.session
import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Cache, Media, Native, Text, ToolResult, ToolUse
from gateway.conversation.request import Choice, Conversation, Format, Message, Tool
from gateway.translation.bedrock_converse import CODEC
from gateway.translation.codec import Quirks
from tests.translation.bedrock_converse.asking import MODEL, body, content, hello, talk, write

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = Tool("weather", "Tells the weather.", SCHEMA)
CALLED = [
    Message("user", [Text("Weather?")]),
    Message("assistant", [ToolUse("call_1", "weather", '{"city":"Rome"}')]),
    Message("tool", [ToolResult("call_1", [Text("sunny")])]),
]


def url_of_boto3(model: str, method: str) -> str:
    """The URL that botocore makes of a model's id."""
    client = botocore.session.get_session().create_client(
        "bedrock-runtime", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    urls: list[str] = []

    def stop(request, **_):
        urls.append(request.url)
        raise InterruptedError

    client.meta.events.register("before-send.bedrock-runtime", stop)
    with pytest.raises(InterruptedError):
        getattr(client, method)(modelId=model, messages=[])
    return urls[0].partition(".amazonaws.com/")[2]


@pytest.mark.parametrize(
    "model",
    [
        "anthropic.claude-3-haiku-20240307-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
        "odd ~model+(é)!",
    ],
)
def test_the_path_is_encoded_as_boto3_does(model):
    losses = Losses(CODEC.rules)
    assert CODEC.write_request(hello(model=model), losses, Quirks()).path == url_of_boto3(model, "converse")
    streamed = CODEC.write_request(hello(model=model, stream=True), losses, Quirks())
    assert streamed.path == url_of_boto3(model, "converse_stream")


def test_parameters_stand_in_inference_config():
    asked = {"max_tokens": 10, "temperature": 0.5, "top_p": 0.9, "stop": ["|"]}
    written = body(hello(parameters=asked))
    assert written["inferenceConfig"] == {"maxTokens": 10, "temperature": 0.5, "topP": 0.9, "stopSequences": ["|"]}


def test_claude_is_asked_which_stop_sequence_it_met():
    assert body(hello(parameters={"stop": ["|"]}))["additionalModelResponseFieldPaths"] == ["/stop_sequence"]
    for other in ("amazon.nova-lite-v1:0", "meta.llama3-8b-instruct-v1:0"):
        assert "additionalModelResponseFieldPaths" not in body(hello(model=other, parameters={"stop": ["|"]}))


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (MODEL, {"top_k": 5}),
        ("us.amazon.nova-lite-v1:0", {"inferenceConfig": {"topK": 5}}),
        ("mistral.mistral-large-2402-v1:0", {"top_k": 5}),
        ("cohere.command-r-v1:0", {"k": 5}),
    ],
)
def test_top_k_has_the_name_of_its_family(model, fields):
    assert body(hello(model=model, parameters={"top_k": 5}))["additionalModelRequestFields"] == fields


def test_top_k_is_refused_where_the_family_has_none():
    written, losses = write(hello(model="meta.llama3-8b-instruct-v1:0", parameters={"top_k": 5}))
    assert losses.refused == ["top_k"]
    assert "additionalModelRequestFields" not in written.body


@pytest.mark.parametrize(
    ("asked", "tier"),
    [("flex", "flex"), ("priority", "priority"), ("standard_only", "default"), ("default", "default")],
)
def test_a_service_tier_has_bedrocks_word(asked, tier):
    assert body(hello(parameters={"service_tier": asked}))["serviceTier"] == {"type": tier}


def test_the_tier_auto_is_silence_and_an_unknown_one_a_loss():
    assert "serviceTier" not in body(hello(parameters={"service_tier": "auto"}))
    assert write(hello(parameters={"service_tier": "scale"}))[1].refused == ["service_tier"]


def test_metadata_keeps_what_aws_can_hold_and_the_rest_is_a_hint():
    written, losses = write(hello(parameters={"metadata": {"team": "a:b", "odd": "ö|", "n": 3}}))
    assert written.body["requestMetadata"] == {"team": "a:b"}
    assert losses.hints == ["metadata"]
    assert not losses.refused
    many = {f"k{number}": "v" for number in range(20)}
    assert len(body(hello(parameters={"metadata": many}))["requestMetadata"]) == 16


def test_values_that_ask_for_nothing_are_no_loss():
    idle = {"n": 1, "logprobs": False, "frequency_penalty": 0, "presence_penalty": 0.0, "logit_bias": {}}
    assert set(body(hello(parameters=idle, parallel=True))) == {"messages"}
    asking = {"n": 2, "logprobs": True, "frequency_penalty": 0.5}
    assert write(hello(parameters=asking))[1].refused == list(asking)


def test_not_to_store_is_a_hint_and_to_store_a_loss():
    assert write(hello(parameters={"store": False}))[1].hints == ["store"]
    assert write(hello(parameters={"store": True}))[1].refused == ["store"]


def test_a_providers_row_can_refuse_what_the_dialect_has():
    written, losses = write(hello(parameters={"temperature": 1}), Quirks(refuses=("temperature",)))
    assert losses.refused == ["temperature"]
    assert "inferenceConfig" not in written.body


def test_system_and_developer_messages_become_the_system_prompt():
    conversation = Conversation(
        "openai_chat",
        MODEL,
        [
            Message("system", [Text("Be kind."), Text("")]),
            Message("user", [Text("Hi")]),
            Message("developer", [Text("Be brief.", cache=Cache("1h"))]),
        ],
    )
    written = body(conversation)
    point = {"cachePoint": {"type": "default", "ttl": "1h"}}
    assert written["system"] == [{"text": "Be kind."}, {"text": "Be brief."}, point]
    assert written["messages"] == [{"role": "user", "content": [{"text": "Hi"}]}]


def test_an_image_in_a_system_message_is_a_loss():
    message = Message("system", [Media("image", "image/png", "iVBO")])
    _, losses = write(Conversation("openai_chat", MODEL, [message, Message("user", [Text("Hi")])]))
    assert losses.refused == ["image in a system message"]


def test_neighbours_of_one_role_become_one_message_with_results_as_the_users():
    messages = [*CALLED, Message("user", [Text("And?")]), Message("user", [Text("Say!")])]
    written = body(Conversation("openai_chat", MODEL, messages, tools=[WEATHER]))
    assert [message["role"] for message in written["messages"]] == ["user", "assistant", "user"]
    result = {"toolResult": {"toolUseId": "call_1", "content": [{"text": "sunny"}]}}
    assert written["messages"][2]["content"] == [result, {"text": "And?"}, {"text": "Say!"}]


def test_an_empty_message_is_no_message():
    messages = [Message("user", [Text("Hi")]), Message("assistant", [Text("")]), Message("user", [Text("Well?")])]
    written = body(Conversation("openai_chat", MODEL, messages))
    assert written["messages"] == [{"role": "user", "content": [{"text": "Hi"}, {"text": "Well?"}]}]


def test_tools_have_their_schema_and_strictness():
    tools = [WEATHER, Tool("now"), Tool("set", schema=SCHEMA, strict=True, cache=Cache())]
    specs = body(hello(tools=tools))["toolConfig"]["tools"]
    assert specs == [
        {"toolSpec": {"name": "weather", "description": "Tells the weather.", "inputSchema": {"json": SCHEMA}}},
        {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
        {"toolSpec": {"name": "set", "inputSchema": {"json": SCHEMA}, "strict": True}},
        {"cachePoint": {"type": "default"}},
    ]


def test_nova_has_no_cache_in_tools():
    conversation = hello(model="amazon.nova-pro-v1:0", tools=[Tool("now", cache=Cache())])
    written, losses = write(conversation)
    assert len(written.body["toolConfig"]["tools"]) == 1
    assert losses.hints == ["cache"]


def test_bedrocks_own_tools_pass_and_others_own_are_losses():
    own = Native("bedrock_converse", "systemTool", {"systemTool": {"name": "nova_code_interpreter"}})
    assert body(hello(native_tools=[own]))["toolConfig"]["tools"] == [own.value]
    foreign = Native("anthropic_messages", "web_search", {"type": "web_search_20250305"})
    assert write(hello(native_tools=[foreign]))[1].refused == ["web_search"]


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (Choice("auto"), {"auto": {}}),
        (Choice("required"), {"any": {}}),
        (Choice("named", "weather"), {"tool": {"name": "weather"}}),
    ],
)
def test_a_choice_of_tools(choice, written):
    assert body(hello(tools=[WEATHER], choice=choice))["toolConfig"]["toolChoice"] == written


def test_no_tool_can_be_forced_where_there_are_none():
    assert write(hello(choice=Choice("required")))[1].refused == ["tool_choice.required"]
    custom = Tool("f", custom=True)
    assert write(hello(tools=[custom], choice=Choice("named", "f")))[1].refused == ["tools.custom", "tool_choice.named"]


def test_no_tool_may_be_used_where_there_are_none():
    assert "toolConfig" not in body(hello(tools=[WEATHER], choice=Choice("none")))


def test_a_history_with_calls_keeps_its_tools_and_cannot_forbid_them():
    conversation = Conversation("openai_chat", MODEL, CALLED, tools=[WEATHER], choice=Choice("none"))
    written, losses = write(conversation)
    assert losses.refused == ["tool_choice.none"]
    assert written.body["toolConfig"].keys() == {"tools"}


def test_a_history_with_calls_but_no_tools_forbids_nothing():
    assert "toolConfig" not in body(Conversation("openai_chat", MODEL, CALLED, choice=Choice("none")))


def test_one_call_at_a_time_cannot_be_asked_for_and_is_seen_to_in_the_answer():
    losses = write(hello(tools=[WEATHER], parallel=False))[1]
    assert (losses.refused, losses.emulated) == ([], {"parallel_tool_calls"})
    assert write(hello(tools=[WEATHER], parallel=True))[1].emulated == set()


def test_a_schema_of_the_answer_is_text():
    form = Format("schema", SCHEMA, "city", "A city.", strict=True)
    wanted = body(hello(format=form))["outputConfig"]["textFormat"]
    definition = {
        "schema": '{"type":"object","properties":{"city":{"type":"string"}}}',
        "name": "city",
        "description": "A city.",
    }
    assert wanted == {"type": "json_schema", "structure": {"jsonSchema": definition}}


def test_json_without_a_schema_is_refused():
    assert write(hello(format=Format("json")))[1].refused == ["format.json"]


def test_what_only_converse_has_is_written_for_its_own_clients_only():
    guard = {"guardrailIdentifier": "abc", "guardrailVersion": "1"}
    fields = {"additionalModelRequestFields": {"x": 1}, "guardrailConfig": guard}
    own = hello(dialect="bedrock_converse", extras=fields, parameters={"top_k": 3})
    written = body(own)
    assert written["guardrailConfig"] == guard
    assert written["additionalModelRequestFields"] == {"x": 1, "top_k": 3}
    assert write(hello(extras=fields))[1].refused == list(fields)


def test_names_of_participants_are_a_loss():
    conversation = Conversation("openai_chat", MODEL, [Message("user", [Text("Hi")], "Ann")])
    assert write(conversation)[1].refused == ["name"]


def test_content_is_in_the_order_of_the_client():
    assert content(Text("a"), Media("image", "image/png", "iVBO"), Text("b")) == [
        {"text": "a"},
        {"image": {"format": "png", "source": {"bytes": "iVBO"}}},
        {"text": "b"},
    ]


def test_a_conversation_is_not_changed_by_being_written():
    conversation = talk(Text("Hi", cache=Cache()), Media("document", text="x"), tools=[WEATHER])
    first, second = body(conversation), body(conversation)
    assert first == second
