"""What a response repeats of its request, whatever dialect's wishes a policy has added."""

from openai.types.responses import Response

from gateway.conversation.parts import Native
from gateway.conversation.request import Conversation
from gateway.translation.openai_responses.frame import frame
from gateway.translation.openai_responses.requests_in import read_request


def test_a_frame_is_a_response_by_itself():
    said = Response.model_validate(frame(read_request({"model": "m", "input": "x"}), "resp_1", "", 5))
    assert (said.id, said.model, said.created_at, said.status) == ("resp_1", "m", 5, "in_progress")
    assert (said.output, said.tools, said.tool_choice, said.parallel_tool_calls) == ([], [], "auto", True)


def test_what_is_not_of_this_dialect_is_not_repeated():
    odd = Conversation("x", "m", [], native_tools=[Native("x", "bash", {})], parameters={"top_k": 5})
    said = frame(odd, "r", "m", 5)
    assert said["tools"] == []
    assert "top_k" not in said


def test_extras_that_a_response_has_are_repeated():
    extras = {"conversation": {"id": "conv_1"}, "max_tool_calls": 2, "background": True, "new": 1}
    said = frame(read_request({"model": "m", "input": "x", **extras}), "r", "m", 5)
    assert {name: said.get(name) for name in extras} == {**extras, "new": None}
