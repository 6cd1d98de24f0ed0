"""Parts of clients' messages, read."""

import pytest

from gateway.conversation.parts import Media, Native, Text, Thinking
from gateway.translation.openai_chat import CODEC

CASES = [
    ({"type": "text", "text": "a"}, Text("a")),
    (
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
        Media("image", "image/png", "AAAA", detail="low"),
    ),
    ({"type": "image_url", "image_url": "https://x/y.png"}, Media("image", url="https://x/y.png")),
    ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}, Media("audio", "audio/mpeg", "AAAA")),
    ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, Media("audio", "audio/wav", "AAAA")),
    ({"type": "input_audio", "input_audio": "AAAA"}, Media("audio", data="AAAA")),
    ({"type": "input_audio", "input_audio": "https://x/y.mp3"}, Media("audio", url="https://x/y.mp3")),
    ({"type": "audio_url", "audio_url": {"url": "https://x/y.mp3"}}, Media("audio", url="https://x/y.mp3")),
    ({"type": "video_url", "video_url": {"url": "https://x/y.mp4"}}, Media("video", url="https://x/y.mp4")),
    (
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
        Media("document", "application/pdf", "AAAA", name="a.pdf"),
    ),
    ({"type": "file", "file": {"file_data": "AAAA"}}, Media("document", data="AAAA")),
    ({"type": "file", "file": {"file_data": "https://x/y.pdf"}}, Media("document", url="https://x/y.pdf")),
    ({"type": "file", "file": {"file_id": "file-1"}}, Media("document", file="file-1")),
    (
        {"type": "document_url", "document_url": "https://x/y.pdf", "document_name": "y"},
        Media("document", url="https://x/y.pdf", name="y"),
    ),
    ({"type": "file_url", "file_url": {"url": "AAAA"}, "file_name": "y"}, Media("document", data="AAAA", name="y")),
    ({"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, Thinking("hm")),
    ({"type": "hologram", "x": 1}, Native("openai_chat", "hologram", {"type": "hologram", "x": 1})),
]


@pytest.mark.parametrize(("part", "expected"), CASES)
def test_every_kind_of_part(part, expected):
    body = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
    assert CODEC.read_request(body).messages[0].parts == [expected]


def test_a_url_with_text_in_it_becomes_base64():
    part = {"type": "image_url", "image_url": {"url": "data:image/svg+xml,%3Csvg%2F%3E"}}
    body = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
    assert CODEC.read_request(body).messages[0].parts == [Media("image", "image/svg+xml", "PHN2Zy8+")]
