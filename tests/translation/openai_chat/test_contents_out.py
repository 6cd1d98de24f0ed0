"""Parts of messages for providers."""

import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media
from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC

PDF = Media("document", "application/pdf", "AAAA", name="a.pdf")
LINK = Media("document", url="https://x/y.pdf", name="y")
CASES = [
    (Media("image", url="https://x/y.png", detail="low"), {}, "image_url", {"url": "https://x/y.png", "detail": "low"}),
    (Media("image", data="AAAA"), {}, "image_url", {"url": "data:image/png;base64,AAAA"}),
    (Media("audio", "audio/mpeg", "AAAA"), {}, "input_audio", {"data": "AAAA", "format": "mp3"}),
    (Media("audio", "audio/x-wav", "AAAA"), {}, "input_audio", {"data": "AAAA", "format": "wav"}),
    (Media("audio", "audio/ogg;codecs=opus", "AAAA"), {}, "input_audio", {"data": "AAAA", "format": "ogg"}),
    (Media("audio", url="https://x/y.mp3"), {}, "audio_url", {"url": "https://x/y.mp3"}),
    (Media("video", data="AAAA"), {}, "video_url", {"url": "data:video/mp4;base64,AAAA"}),
    (PDF, {}, "file", {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}),
    (LINK, {}, "file", {"filename": "y", "file_data": "https://x/y.pdf"}),
    (LINK, {"document.url": "document_url"}, "document_url", "https://x/y.pdf"),
    (LINK, {"document.url": "file_url"}, "file_url", {"url": "https://x/y.pdf"}),
    (PDF, {"document.data": "document_url"}, "document_url", "data:application/pdf;base64,AAAA"),
    (PDF, {"document.data": "file_url"}, "file_url", {"url": "AAAA"}),
    (Media("document", file="file-1"), {}, "file", {"file_id": "file-1"}),
    (Media("document", text="words", name="a"), {}, "text", '<document name="a">\nwords\n</document>'),
]


@pytest.mark.parametrize(("part", "renames", "kind", "inside"), CASES)
def test_every_kind_of_media(part, renames, kind, inside):
    losses = Losses(CODEC.rules)
    conversation = Conversation("anthropic_messages", "m", [Message("user", [part])])
    written = CODEC.write_request(conversation, losses, Quirks(renames=renames)).body["messages"][0]["content"]
    assert not losses.refused
    if kind == "text":
        assert written == inside
    else:
        assert (written[0]["type"], written[0][kind]) == (kind, inside)
