"""A provider's answer, odd ones too, as a completion."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.openai_responses.answers_in import read_answer
from gateway.translation.openai_responses.answers_out import write_answer
from gateway.translation.openai_responses.requests_in import read_request

NAME = "openai_responses"


def parts_of(*items):
    return read_answer({"output": list(items)}).candidates[0].parts


def test_each_kind_of_item():
    search = {"type": "web_search_call", "id": "ws_1"}
    assert parts_of(
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
        search,
        {
            "type": "message",
            "content": [{"type": "output_text", "text": "Hi"}, {"type": "refusal", "refusal": "No"}, {"type": "new"}],
        },
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "custom_tool_call", "id": "ctc_1", "name": "sh", "input": "ls"},
    ) == [
        Thinking("Hm.", id="rs_1", maker=NAME, summary=True),
        Native(NAME, "web_search_call", search),
        Text("Hi"),
        Refusing("No"),
        ToolUse("c1", "f", "{}"),
        ToolUse("ctc_1", "sh", "ls", custom=True),
    ]


def test_what_the_provider_says_besides_is_kept_and_what_it_repeats_is_not():
    found = read_answer({"id": "r", "temperature": 1, "tools": [], "content_filters": [1], "billing": None})
    assert found.extras == {"content_filters": [1]}


def test_xai_has_its_fingerprint_in_the_metadata():
    assert read_answer({"metadata": {"system_fingerprint": "fp_1"}}).fingerprint == "fp_1"


def test_reasons():
    def reason(**answer):
        found = read_answer(answer).candidates[0]
        return found.reason, found.native_reason

    refusal = [{"type": "message", "content": [{"type": "refusal", "refusal": "No"}]}]
    assert reason(status="completed") == ("stop", "completed")
    assert reason(status="completed", output=refusal) == ("refusal", "completed")
    assert reason(status="incomplete", incomplete_details={"reason": "content_filter"}) == (("content_filter",) * 2)
    assert reason(status="incomplete", incomplete_details={"reason": "steered"}) == ("other", "steered")
    assert reason(status="incomplete") == ("other", "incomplete")
    assert reason(status="queued") == ("other", "queued")
    assert reason(status="failed", error={"code": "server_error"}) == ("error", "failed")
    assert reason() == ("stop", "")


def test_a_response_that_failed_is_written_with_its_own_error():
    error = {"code": "image_too_large", "message": "Too large"}
    found = read_answer({"status": "failed", "error": error})
    written = write_answer(found, read_request({"model": "m", "input": "x"}))
    assert (written["status"], written["error"]) == ("failed", error)


def test_an_odd_answer_is_as_if_its_oddities_were_absent():
    odd = {
        "id": 5,
        "model": None,
        "created_at": "now",
        "output": [7, {"type": "message", "content": "x"}, {"type": "function_call", "name": [], "arguments": {}}],
        "usage": {"input_tokens": "many", "output_tokens": 3},
        "incomplete_details": "x",
        "status": [],
        "metadata": 1,
    }
    found = read_answer(odd)
    assert found.candidates == [Candidate([ToolUse("", "", "")], "tool_use")]
    assert (found.id, found.model, found.created) == ("", "", 0)
    assert found.usage.output_tokens == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["message", "reasoning", "function_call", "custom_tool_call", "output_text", "refusal", "new"])


def shaped(inner):
    fields = ["type", "content", "summary", "text", "id", "arguments", "annotations", "logprobs", "encrypted_content"]
    return st.dictionaries(st.sampled_from(fields), TYPES | JSON | st.lists(inner, max_size=2), max_size=5)


ITEMS = st.recursive(shaped(JSON), shaped, max_leaves=6)
FIELDS = ["id", "model", "status", "incomplete_details", "usage", "created_at", "metadata", "error", "service_tier"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5), st.lists(ITEMS, max_size=3) | JSON)
def test_no_answer_raises(answer, output):
    found = read_answer({**answer, "output": output})
    assert isinstance(found, Completion)
    assert len(found.candidates) == 1
    json.dumps(found.candidates[0].native_reason)
