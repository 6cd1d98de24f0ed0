"""Why an answer ended, on both sides."""

import pytest

from gateway.conversation.answer import Fault
from gateway.conversation.parts import Refusing, Text, ToolUse
from gateway.translation.openai_responses.outcome import Seen, read_reason, write_failure, write_outcome


def seen(*parts):
    found = Seen()
    for part in parts:
        found.note(part)
    return found


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "stop"),
        ((Text("a"),), "stop"),
        ((Text("a"), ToolUse("c", "f")), "tool_use"),
        ((Refusing("No"),), "refusal"),
        ((Text("a"), Refusing("No")), "stop"),
    ],
)
def test_a_whole_response_ended_as_its_parts_say(parts, reason):
    assert read_reason({"status": "completed"}, seen(*parts)) == (reason, "completed")


@pytest.mark.parametrize("native", ["max_output_tokens", "content_filter"])
def test_an_incomplete_one_says_why_and_is_written_so_again(native):
    said = {"status": "incomplete", "incomplete_details": {"reason": native}}
    reason, word = read_reason(said, seen())
    assert word == native
    assert write_outcome(reason, word, refused=False) == {**said, "error": None}


@pytest.mark.parametrize("status", ["queued", "in_progress", "cancelled"])
def test_a_response_in_the_background_keeps_its_state(status):
    reason, word = read_reason({"status": status}, seen())
    assert write_outcome(reason, word, refused=False)["status"] == status


def test_a_reason_that_nobody_knows_is_kept_as_incomplete():
    reason, word = read_reason({"status": "incomplete"}, seen())
    assert (reason, write_outcome(reason, word, refused=False)["status"]) == ("other", "incomplete")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(429, "x"), "rate_limit_exceeded"),
        (Fault(400, "x"), "invalid_prompt"),
        (Fault(503, "x"), "server_error"),
        (Fault(400, "x", code="context_length_exceeded"), "context_length_exceeded"),
    ],
)
def test_a_failure_has_the_providers_code_or_this_dialects_for_the_status(fault, code):
    assert write_failure(fault)["error"] == {"code": code, "message": "x"}
