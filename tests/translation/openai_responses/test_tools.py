"""Tools and the choice among them, for providers of this dialect and for others."""

from gateway.conversation.losses import Losses
from gateway.conversation.request import Choice, Conversation, Tool
from gateway.translation.openai_responses.requests_in import read_request
from gateway.translation.openai_responses.rules import RULES
from gateway.translation.openai_responses.tools import write_choice, write_tools

TOOLS = [
    {"type": "function", "name": "f", "description": "does", "parameters": {"type": "object"}, "strict": False},
    {"type": "custom", "name": "sh", "format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
    {"type": "custom", "name": "free"},
    {"type": "mcp", "server_label": "s", "server_url": "https://e.com"},
    {"type": "function", "name": "later", "parameters": {"type": "object"}, "defer_loading": True},
]


def asked(**body):
    return read_request({"model": "m", "input": "Hi", "tools": TOOLS, **body})


def test_tools_come_back():
    losses = Losses(RULES)
    assert sorted(map(str, write_tools(asked(), losses))) == sorted(map(str, TOOLS))
    assert not losses.refused


def test_allowed_tools_come_back_as_they_stood_and_keep_natives_by_type_and_name():
    listed = [
        {"type": "mcp", "server_label": "s"},
        {"type": "function", "name": "later"},
        {"type": "custom", "name": "sh"},
    ]
    form = {"type": "allowed_tools", "mode": "auto", "tools": listed}
    found = asked(tool_choice=form)
    assert [tool.name for tool in found.tools] == ["sh"]
    assert [native.name for native in found.native_tools] == ["mcp", "tools[4].defer_loading"]
    assert write_tools(found, Losses(RULES)) == TOOLS
    assert write_choice(found) == form


def test_the_choice_of_a_free_text_tool_is_custom():
    assert write_choice(asked(tool_choice={"type": "custom", "name": "sh"})) == {"type": "custom", "name": "sh"}
    assert write_choice(asked(tool_choice={"type": "function", "name": "f"})) == {"type": "function", "name": "f"}
    assert write_choice(asked(tool_choice="none")) == "none"
    assert write_choice(asked()) is None


def test_another_dialects_choice():
    other = Conversation("x", "m", [], tools=[Tool("f")], choice=Choice("named", "f"))
    assert write_choice(other) == {"type": "function", "name": "f"}
