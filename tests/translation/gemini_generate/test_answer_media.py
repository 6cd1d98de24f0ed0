"""Files in answers."""

import pytest

from gateway.conversation.parts import Media
from gateway.translation.gemini_generate.answer_media import read_media


def test_bytes_and_files():
    sound = {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "QQ=="}, "thoughtSignature": "abc="}
    assert read_media(sound) == Media("audio", "audio/L16;rate=24000", data="QQ==")
    film = {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://a/b"}}
    assert read_media(film) == Media("video", "video/mp4", file="gs://a/b")


@pytest.mark.parametrize(
    "part",
    [
        {"inlineData": 3},
        {"inlineData": {"mimeType": "image/png"}},
        {"fileData": {"fileUri": 3}},
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}, "videoMetadata": {}},
        {"executableCode": {}},
    ],
)
def test_the_rest_is_none(part):
    assert read_media(part) is None
