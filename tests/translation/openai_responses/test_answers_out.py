"""A completion of any dialect becomes the Response that the SDK has a type for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.openai_responses.answers_in import read_answer
from gateway.translation.openai_responses.answers_out import write_answer
from gateway.translation.openai_responses.requests_in import read_request

NAME = "openai_responses"
ASKED = read_request({"model": "asked", "input": "Hi"})


def answer(*parts, reason="stop", asked=ASKED, **fields):
    completion = Completion("resp_1", "m", 5, [Candidate(list(parts), reason)], **fields)
    written = write_answer(completion, asked)
    Response.model_validate(written)
    return written


def test_words_that_follow_one_another_are_one_message_and_all_else_is_an_item():
    said = answer(
        Thinking("Hm.", "sig", maker="anthropic_messages"),
        Text("One."),
        Refusing("No."),
        ToolUse("c1", "f", ""),
        ToolUse("c2", "sh", "ls", custom=True),
        Text("Two."),
        reason="tool_use",
    )
    assert [item["type"] for item in said["output"]] == [
        "reasoning",
        "message",
        "function_call",
        "custom_tool_call",
        "message",
    ]
    assert [item["id"].partition("_")[0] for item in said["output"]] == ["rs", "msg", "fc", "ctc", "msg"]
    assert len({item["id"] for item in said["output"]}) == 5
    assert said["output"][2]["arguments"] == "{}"
    assert Response.model_validate(said).output_text == "One.Two."


def test_ids_are_the_same_each_time():
    assert answer(Text("One."))["output"] == answer(Text("One."))["output"]


def test_no_two_items_have_the_same_id():
    [one, two] = answer(Thinking("a", id="rs_x"), Thinking("b", id="rs_x"))["output"]
    assert one["id"] == "rs_x"
    assert two["id"] != "rs_x"


@pytest.mark.parametrize(("said", "tier"), [("standard", "default"), ("priority", "priority"), ("batch", None)])
def test_a_tier_is_one_of_this_dialects(said, tier):
    assert answer(Text("x"), service_tier=said).get("service_tier") == tier


def test_a_response_without_an_id_or_a_time_gets_one():
    said = write_answer(Completion(candidates=[Candidate([Text("Hi")])]), ASKED)
    assert said["id"].startswith("resp_")
    assert said["created_at"] > 10**9
    assert said["model"] == "asked"


def test_of_several_candidates_the_first_is_written():
    two = Completion("r", "m", 1, [Candidate([Text("a")], "stop"), Candidate([Text("b")], "stop", index=1)])
    assert Response.model_validate(write_answer(two, ASKED)).output_text == "a"


@pytest.mark.parametrize(
    ("reason", "status", "details"),
    [
        ("stop", "completed", None),
        ("stop_sequence", "completed", None),
        ("tool_use", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("context_length", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
        ("refusal", "incomplete", "content_filter"),
        ("other", "completed", None),
        (None, "completed", None),
    ],
)
def test_why_an_answer_ended(reason, status, details):
    said = answer(Text("x"), reason=reason)
    assert said["status"] == status
    assert (said["incomplete_details"] or {}).get("reason") == details
    assert said["output"][-1]["status"] == ("incomplete" if status == "incomplete" else "completed")


@pytest.mark.parametrize("reason", ["error", "malformed"])
def test_an_answer_that_failed(reason):
    said = answer(reason=reason)
    assert said["status"] == "failed"
    assert said["error"]["code"] == "server_error"


def test_a_pause_is_incomplete_and_a_refusal_in_words_is_not():
    assert answer(Text("x"), reason="pause")["status"] == "incomplete"
    assert answer(Refusing("No."), reason="refusal")["status"] == "completed"


def test_usage_in_this_dialects_arithmetic():
    usage = Usage(10, 7, 17, input_cached_tokens=4, input_cache_write_tokens=3, output_reasoning_tokens=2)
    assert answer(usage=usage)["usage"] == {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 17,
    }
    assert answer(usage=Usage(10, 7))["usage"]["total_tokens"] == 17


def test_what_the_request_said_is_repeated():
    asked = read_request(
        {
            "model": "asked",
            "input": "Hi",
            "instructions": "Be brief.",
            "max_output_tokens": 9,
            "temperature": 0.5,
            "metadata": {"a": "b"},
            "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}],
            "tool_choice": {"type": "function", "name": "f"},
            "parallel_tool_calls": False,
            "text": {"format": {"type": "json_object"}, "verbosity": "low"},
            "reasoning": {"effort": "low", "summary": "detailed"},
            "conversation": "conv_1",
            "store": False,
        }
    )
    said = answer(Text("x"), asked=asked)
    wanted = {
        "instructions": "Be brief.",
        "max_output_tokens": 9,
        "temperature": 0.5,
        "top_p": None,
        "metadata": {"a": "b"},
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}],
        "tool_choice": {"type": "function", "name": "f"},
        "parallel_tool_calls": False,
        "text": {"format": {"type": "json_object"}, "verbosity": "low"},
        "reasoning": {"effort": "low", "summary": "detailed"},
        "conversation": {"id": "conv_1"},
        "store": False,
        "truncation": "disabled",
    }
    assert {name: said[name] for name in wanted} == wanted


def test_a_calls_signature_is_in_an_item_behind_it():
    call = ToolUse("c1", "f", "{}", signature="SIG", maker="gemini_generate")
    [first, second] = answer(call, reason="tool_use")["output"]
    assert first["type"] == "function_call"
    assert second["encrypted_content"] == "gw~gemini_generate~call~c1~SIG"


def test_a_picture_is_what_the_tool_for_pictures_gives():
    [item] = answer(Media("image", "image/webp", data="UklGRg=="))["output"]
    assert (item["type"], item["result"], item["output_format"]) == ("image_generation_call", "UklGRg==", "webp")


def test_what_has_no_place_leaves_the_words_around_it_together():
    said = answer(Text("a"), Native("anthropic_messages", "server_tool_use", {}), Media("audio", data="x"), Text("b"))
    assert [item["type"] for item in said["output"]] == ["message"]


def test_citations_and_log_probabilities_belong_to_texts():
    token = {"token": "Hi", "logprob": -0.5, "bytes": None, "top_logprobs": [{"token": "Ho", "logprob": -2}]}
    url = Citation("url", "https://example.com", "Example", start=0, end=2)
    document = Citation("document", title="Doc", cited="words", source="0", end=2)
    completion = Completion(
        "r", "m", 1, [Candidate([Text("Hi", [url, document])], "stop", logprobs={"content": [token]})]
    )
    [content] = write_answer(completion, ASKED)["output"][0]["content"]
    assert [note["type"] for note in content["annotations"]] == ["url_citation", "file_citation"]
    assert content["annotations"][1] == {"type": "file_citation", "index": 2, "file_id": "0", "filename": "Doc"}
    top = {"token": "Ho", "bytes": [72, 111], "logprob": -2}
    assert content["logprobs"] == [{"token": "Hi", "bytes": [72, 105], "logprob": -0.5, "top_logprobs": [top]}]
    Response.model_validate(write_answer(completion, ASKED))


def test_what_the_provider_said_besides_is_there_but_overrides_nothing():
    said = answer(
        Text("x"), service_tier="flex", fingerprint="fp", extras={"citations": ["u"], "status": "odd", "prompt": []}
    )
    assert (said["citations"], said["status"]) == (["u"], "completed")
    assert "prompt" not in said
    assert (said["service_tier"], said["system_fingerprint"]) == ("flex", "fp")


WORDS = st.text(max_size=8)
PARTS = (
    st.builds(Text, WORDS)
    | st.builds(Refusing, WORDS)
    | st.builds(ToolUse, WORDS.filter(bool), WORDS, WORDS.filter(bool), custom=st.booleans())
    | st.builds(Thinking, WORDS.filter(bool), WORDS, maker=st.just(NAME), summary=st.booleans())
    | st.just(Native(NAME, "web_search_call", {"type": "web_search_call", "id": "ws_1", "status": "completed"}))
)
COUNTS = st.integers(0, 1000)


@given(st.lists(PARTS, max_size=5), COUNTS, COUNTS, st.sampled_from(["length", "content_filter", None]))
def test_what_both_forms_share_comes_back_from_an_answer(parts, read, written, cut):
    reason = cut or ("tool_use" if any(isinstance(part, ToolUse) for part in parts) else None)
    if reason is None:
        words = [part for part in parts if isinstance(part, Text)]
        reason = "refusal" if not words and any(isinstance(part, Refusing) for part in parts) else "stop"
    native = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(reason, "completed")
    for number, part in enumerate(parts):
        if isinstance(part, Thinking):
            part.id = f"rs_{number}"
    usage = Usage(read, written, read + written, 0, 0, output_reasoning_tokens=0)
    completion = Completion("resp_1", "m", 5, [Candidate(parts, reason, native)], usage, "default", "fp")
    assert read_answer(write_answer(completion, ASKED)) == completion
