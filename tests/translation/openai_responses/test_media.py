"""Contents read: text, images, files and sound, by data, URL and id."""

import pytest

from gateway.conversation.parts import Media, Native, Text
from gateway.translation.openai_responses.media import inline, read_content
from gateway.translation.openai_responses.own import Breakpoint

NAME = "openai_responses"


@pytest.mark.parametrize(
    ("part", "neutral"),
    [
        ({"type": "input_text", "text": "Hi"}, Text("Hi")),
        ({"type": "output_text", "text": "Hi", "annotations": []}, Text("Hi")),
        (
            {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"},
            Media("image", "image/png", data="AAAA"),
        ),
        (
            {"type": "input_image", "image_url": "https://e.com/a", "detail": "low"},
            Media("image", url="https://e.com/a", detail="low"),
        ),
        ({"type": "input_image", "image_url": None, "file_id": "f"}, Media("image", file="f")),
        ({"type": "input_image", "image_url": "data:text/html,x"}, Media("image", url="data:text/html,x")),
        (
            {"type": "input_file", "file_data": "data:text/csv;base64,AAAA", "filename": "a.csv"},
            Media("document", "text/csv", data="AAAA", name="a.csv"),
        ),
        ({"type": "input_file", "file_data": "JVBERi0x"}, Media("document", "application/pdf", data="JVBERi0x")),
        ({"type": "input_file", "file_data": "AAAA"}, Media("document", data="AAAA")),
        ({"type": "input_file", "file_url": "https://e.com/a.pdf"}, Media("document", url="https://e.com/a.pdf")),
        ({"type": "input_file", "file_id": "f", "detail": "high"}, Media("document", file="f", detail="high")),
        (
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
            Media("audio", "audio/mpeg", data="AAAA"),
        ),
        (
            {"type": "computer_screenshot", "x": 1},
            Native(NAME, "computer_screenshot", {"type": "computer_screenshot", "x": 1}),
        ),
    ],
)
def test_each_kind_of_content(part, neutral):
    assert read_content([part], "content") == [neutral]


def test_a_cache_breakpoint_is_a_cache_marker():
    form = {"mode": "explicit", "ttl": "12h"}
    [text] = read_content([{"type": "input_text", "text": "Hi", "prompt_cache_breakpoint": form}], "content")
    assert text == Text("Hi", cache=Breakpoint(form=form))


def test_a_string_is_one_text():
    assert read_content("Hi", "content") == [Text("Hi")]


@pytest.mark.parametrize("url", ["https://e.com", "data:image/png,x", "data:image/png;base64", "data:", ""])
def test_only_a_base64_data_url_is_inline(url):
    assert inline(url) == ("", "")
