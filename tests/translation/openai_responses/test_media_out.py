"""Contents written as a provider takes them."""

import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Native, Text, ToolUse
from gateway.translation.openai_responses.media_out import form_of, write_content
from gateway.translation.openai_responses.rules import RULES

NAME = "openai_responses"


def written(*parts):
    losses = Losses(RULES)
    content = write_content(parts, losses)
    assert not losses.refused
    assert not losses.hints
    return content


@pytest.mark.parametrize(
    ("media", "part"),
    [
        (
            Media("image", data="AAAA"),
            {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,AAAA"},
        ),
        (Media("image", file="f", detail="low"), {"type": "input_image", "detail": "low", "file_id": "f"}),
        (
            Media("document", "application/pdf", data="AAAA"),
            {"type": "input_file", "file_data": "data:application/pdf;base64,AAAA", "filename": "document.pdf"},
        ),
        (Media("document", data="AAAA"), {"type": "input_file", "file_data": "AAAA", "filename": "document"}),
        (
            Media("document", url="https://e.com/a", name="a"),
            {"type": "input_file", "file_url": "https://e.com/a", "filename": "a"},
        ),
        (Media("document", file="f", name="a"), {"type": "input_file", "file_id": "f"}),
        (Media("document", text="Once", name="Tale"), {"type": "input_text", "text": "Tale\n\nOnce"}),
        (Media("document", text="Once"), {"type": "input_text", "text": "Once"}),
        (
            Media("audio", "audio/x-wav", data="AAAA"),
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ),
    ],
)
def test_each_kind_of_medium(media, part):
    assert written(media) == [part]


def test_one_plain_text_is_a_string_and_nothing_is_an_empty_one():
    assert written(Text("Hi")) == "Hi"
    assert written() == ""


def test_own_natives_pass_and_others_are_lost_by_name():
    assert written(Native(NAME, "computer_screenshot", {"type": "computer_screenshot"})) == [
        {"type": "computer_screenshot"}
    ]
    losses = Losses(RULES)
    assert write_content([Native("x", "thing", {}), ToolUse("c", "f")], losses) == []
    assert losses.refused == ["thing", "tooluse"]


def test_the_form_of_a_medium():
    assert [form_of(Media("image", **{form: "x"})) for form in ("data", "url", "file", "text")] == [
        "data",
        "url",
        "file",
        "text",
    ]
    assert form_of(Media("image")) == "data"
