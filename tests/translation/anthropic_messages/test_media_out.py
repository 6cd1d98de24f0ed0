from base64 import b64encode

from gateway.conversation.parts import Media
from tests.translation.anthropic_messages.given import asked, body, said, sent


def block(part, **more):
    (turn,) = body(asked([said("user", part)], **more))["messages"]
    (one,) = turn["content"]
    return one


def test_an_image_goes_by_its_source():
    assert block(Media("image", "image/png", "iVBO"))["source"] == {
        "type": "base64",
        "media_type": "image/png",
        "data": "iVBO",
    }
    assert block(Media("image", url="https://a.example"))["source"] == {"type": "url", "url": "https://a.example"}
    assert block(Media("image", file="f1"))["source"] == {"type": "file", "file_id": "f1"}


def test_a_file_whose_kind_was_not_said_is_known_by_its_beginning():
    assert block(Media("image", data="/9j/4AAQ"))["source"]["media_type"] == "image/jpeg"
    assert block(Media("document", data="JVBERi0x"))["source"]["media_type"] == "application/pdf"


def test_a_document_is_pdf_or_text():
    assert block(Media("document", "application/pdf", "JVBERi0x", name="a.pdf", cite=True)) == {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"},
        "title": "a.pdf",
        "citations": {"enabled": True},
    }
    text = {"type": "text", "media_type": "text/plain", "data": "Grüße"}
    assert block(Media("document", "text/markdown", b64encode("Grüße".encode()).decode()))["source"] == text
    assert block(Media("document", text="Grüße"))["source"] == text


def test_an_empty_text_is_a_text():
    assert block(Media("document", "text/plain"))["source"] == {"type": "text", "media_type": "text/plain", "data": ""}


def test_a_messages_clients_file_goes_as_it_came():
    for part in (Media("image", data="abc"), Media("document", "text/plain", "YQ==")):
        source = block(part, dialect="anthropic_messages")["source"]
        assert source == {"type": "base64", "data": part.data, **({"media_type": part.mime} if part.mime else {})}


def test_what_is_neither_is_lost():
    for part in (Media("document", "application/msword", "0M8R"), Media("document", "text/plain", "/w==")):
        assert sent(asked([said("user", part)]))[1] == ["document.data"]
    assert sent(asked([said("user", Media("audio", data="a"))]))[1] == ["audio.data"]
    assert sent(asked([said("user", Media("video", url="a"))]))[1] == ["video.url"]
