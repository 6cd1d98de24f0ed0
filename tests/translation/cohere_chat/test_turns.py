"""Messages of a conversation as Cohere's."""

from gateway.conversation.parts import Cache, Citation, Media, Native, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message
from tests.translation.cohere_chat.asking import MODEL, body, talk, write

PLANNER = "command-a-03-2025"
CALL = ToolUse("call_1", "f", '{"a":1}')
WRITTEN_CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}


def messages(*given, model=MODEL):
    return body(Conversation("openai_chat", model, list(given)))["messages"]


def said(*parts, model=MODEL):
    """What the model once said, written back."""
    return messages(Message("user", [Text("Hi")]), Message("assistant", list(parts)), model=model)[1]


def lost(*parts, role="user", model=MODEL):
    given = [Message("user", [Text("Hi")]), Message(role, list(parts))]
    return write(Conversation("openai_chat", model, given))[1]


def test_system_and_developer_messages_stay_where_they_are():
    assert messages(
        Message("system", [Text("a")]), Message("user", [Text("b")]), Message("developer", [Text("c"), Text("d")])
    ) == [
        {"role": "system", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "system", "content": [{"type": "text", "text": "c"}, {"type": "text", "text": "d"}]},
    ]


def test_images_are_urls():
    parts = [
        Text("See"),
        Media("image", "image/jpeg", "/9j/", detail="low"),
        Media("image", url="https://a.example/b.png"),
        Media("image", "", "iVBO"),
    ]
    assert body(talk(*parts))["messages"][0]["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
    ]


def test_results_are_messages_of_their_own_in_the_order_of_the_client():
    parts = [
        Text("First."),
        ToolResult("call_1", [Text("a")]),
        ToolResult("call_2", [Text("b"), Media("document", text="c", name="d")]),
        Text("And?"),
    ]
    document = {"type": "document", "document": {"data": {"title": "d", "text": "c"}}}
    assert messages(Message("user", parts)) == [
        {"role": "user", "content": "First."},
        {"role": "tool", "tool_call_id": "call_1", "content": "a"},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "b"}, document]},
        {"role": "user", "content": "And?"},
    ]


def test_a_result_says_that_the_tool_failed():
    assert messages(Message("tool", [ToolResult("c", [Text("no"), Text("way")], error=True)]))[0]["content"] == [
        {"type": "text", "text": "Error: no"},
        {"type": "text", "text": "way"},
    ]
    assert messages(Message("tool", [ToolResult("c", [], error=True)]))[0]["content"] == "Error: "
    assert messages(Message("tool", [ToolResult("c", [])]))[0]["content"] == ""


def test_what_a_result_cannot_hold_is_a_loss():
    image, sound = Media("image", "image/png", "iVBO"), Media("audio", "audio/wav", "AAAA")
    pdf = Media("document", "application/pdf", "JVBE")
    assert lost(ToolResult("c", [image]), role="tool").refused == ["tool_result.image"]
    assert lost(ToolResult("c", [sound]), role="tool").refused == ["audio.data"]
    assert lost(ToolResult("c", [pdf]), role="tool").refused == ["document.data"]


def test_calls_keep_the_text_of_their_arguments():
    assert said(CALL) == {"role": "assistant", "tool_calls": [WRITTEN_CALL]}
    assert said(ToolUse("c", "f"))["tool_calls"][0]["function"]["arguments"] == "{}"
    assert lost(ToolUse("c", "f", "x", custom=True), role="assistant").refused == ["tools.custom"]


def test_thoughts_are_content_of_models_that_reason():
    thought = {"type": "thinking", "thinking": "hm"}
    assert said(Thinking("hm", "sig", maker="anthropic_messages"), Text("So.")) == {
        "role": "assistant",
        "content": [thought, {"type": "text", "text": "So."}],
    }
    assert said(Thinking("hm"), CALL) == {"role": "assistant", "content": [thought], "tool_calls": [WRITTEN_CALL]}


def test_thoughts_are_the_plan_of_models_that_plan():
    written = said(Thinking("I will "), Thinking("call f."), CALL, model=PLANNER)
    assert written == {"role": "assistant", "tool_plan": "I will call f.", "tool_calls": [WRITTEN_CALL]}
    for model in (
        "command-r7b-12-2024",
        "command-r-plus",
        "command",
        "command-a-vision-07-2025",
        "c4ai-aya-expanse-8b",
    ):
        assert "tool_plan" in said(Thinking("hm"), CALL, model=model)
    for model in ("command-a-plus-05-2026", "command-b"):
        assert "tool_plan" not in said(Thinking("hm"), CALL, model=model)


def test_encrypted_thoughts_are_a_loss():
    assert lost(Thinking(redacted="x"), role="assistant").refused == ["thinking"]


def test_coheres_own_citations_go_back_once_and_others_are_left_out():
    native = {"start": 0, "end": 2, "text": "It", "sources": [{"type": "document", "id": "doc:0"}, {"type": "tool"}]}
    own = Citation(native=native, dialect="cohere_chat")
    assert said(Text("It is.", [own, own]))["citations"] == [native]
    after = said(Thinking("hm"), Text("It is.", [own]))
    assert after["citations"] == [{**native, "content_index": 1}]
    losses = lost(Text("It is.", [Citation("url", "https://a.example")]), role="assistant")
    assert (losses.refused, losses.hints) == ([], ["citations"])


def test_an_image_of_the_models_own_is_a_loss():
    assert lost(Media("image", "image/png", "iVBO"), role="assistant").refused == ["image.data"]


def test_thoughts_of_the_users_are_a_loss():
    assert lost(Thinking("hm")).refused == ["thinking"]


def test_words_of_refusal_are_words_and_only_coheres_own_blocks_pass():
    assert said(Refusing("I will not."))["content"] == "I will not."
    block = {"type": "document", "document": {"data": {"text": "a"}}}
    result = ToolResult("c", [Native("cohere_chat", "document", block)])
    assert messages(Message("tool", [result]))[0]["content"] == [block]
    assert lost(Native("gemini_generate", "codeExecutionResult", {})).refused == ["codeExecutionResult"]


def test_empty_messages_are_left_out():
    assert messages(Message("user", [Text("")]), Message("assistant", []), Message("user", [Text("a")])) == [
        {"role": "user", "content": "a"}
    ]


def test_cache_markers_are_a_hint_wherever_they_stand():
    marked = [
        Text("a", cache=Cache()),
        ToolResult("c", [Text("b", cache=Cache())]),
        ToolResult("c", [Text("b")], cache=Cache()),
    ]
    for part in marked:
        losses = lost(part)
        assert (losses.refused, losses.hints) == ([], ["cache"])
