from gateway.conversation.parts import Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages.blocks_in import read_content
from gateway.translation.anthropic_messages.blocks_shown import input_of, shown


def test_arguments_are_an_object_whatever_the_model_wrote():
    assert input_of("") == input_of("  ") == {}
    assert input_of('{"a": 1}') == {"a": 1}
    assert input_of('{"a": ') == {"arguments": '{"a": '}
    assert input_of("[1]") == {"arguments": "[1]"}
    assert input_of("[" * 100_000) == {"arguments": "[" * 100_000}


def test_a_refusal_is_words():
    assert shown(Refusing("I cannot.")) == [{"type": "text", "text": "I cannot."}]


def test_a_call_that_another_model_signed_goes_with_its_signature_and_comes_back_so():
    call = ToolUse("call_1", "weather", '{"city":"Paris"}', signature="c2ln", maker="gemini_generate")
    blocks = shown(call)
    assert [block["type"] for block in blocks] == ["tool_use", "redacted_thinking"]
    assert read_content(blocks, "x") == [call]


def test_another_makers_thought_comes_back_as_it_was():
    for thought in (
        Thinking("Hm.", "c2ln", maker="gemini_generate"),
        Thinking("Sum.", "", "ZW5j", "rs_1", "openai_responses"),
        Thinking("", "", "ZW5j", "rs_1", "openai_responses"),
        Thinking("", redacted="abc", maker="anthropic_messages"),
    ):
        assert read_content(shown(thought), "x") == [thought]


def test_what_a_model_drew_is_an_image_block():
    assert shown(Media("image", "image/png", "iVBO")) == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
    ]
    assert shown(Media("image", url="https://a.example"))[0]["source"]["type"] == "url"
    assert shown(Media("image", file="f"))[0]["source"] == {"type": "file", "file_id": "f"}


def test_what_only_another_dialect_knows_is_not_shown():
    assert shown(Native("openai_responses", "web_search_call", {})) == []
    own = {"type": "web_search_tool_result", "tool_use_id": "a", "content": []}
    assert shown(Native("anthropic_messages", "web_search_tool_result", own)) == [own]


def test_text_without_citations_says_nothing_of_them():
    assert shown(Text("Hi")) == [{"type": "text", "text": "Hi"}]
