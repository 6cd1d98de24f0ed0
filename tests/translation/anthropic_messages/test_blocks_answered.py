from gateway.conversation.parts import Native, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages.blocks_answered import answered


def test_an_odd_field_is_as_if_absent():
    assert answered({"type": "text", "text": 5, "citations": {}}) == Text()
    assert answered({"type": "thinking"}) == Thinking(maker="anthropic_messages")
    assert answered({"type": "tool_use", "id": None, "input": "x"}) == ToolUse("", "")


def test_a_call_that_code_made_stays_as_it_is():
    call = {"type": "tool_use", "id": "a", "name": "b", "input": {"c": 1}}
    assert answered({**call, "caller": {"type": "direct"}}) == ToolUse("a", "b", '{"c":1}')
    for more in ({"caller": {"type": "code_execution_20250825", "tool_id": "x"}}, {"toolset_name": "browser"}):
        assert answered({**call, **more}) == Native("anthropic_messages", "tool_use", {**call, **more})


def test_a_block_of_a_new_kind_stays_as_it_is():
    assert answered({"type": "hologram", "x": 1}) == Native(
        "anthropic_messages", "hologram", {"type": "hologram", "x": 1}
    )
    assert answered({"type": 5}).name == ""
