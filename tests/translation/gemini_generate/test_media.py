"""Images, sounds, films and documents."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.conversation.parts import Media
from gateway.translation.gemini_generate import media

MIMES = st.sampled_from(["image/png", "audio/wav", "video/mp4", "application/pdf", "text/plain", "text/csv"])


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", "image"),
        ("audio/L16;rate=24000", "audio"),
        ("video/mp4", "video"),
        ("application/pdf", "document"),
    ],
)
def test_the_type_says_the_kind(mime, kind):
    assert media.read_inline({"mime_type": mime, "data": "QQ=="}, "x") == Media(kind, mime, data="QQ==")


def test_base64_of_urls_becomes_the_usual_one():
    assert media.read_inline({"mimeType": "image/png", "data": "-_-_"}, "x").data == "+/+/"


def test_text_is_a_document_of_text():
    data = b64encode("a,b\né".encode()).decode()
    found = media.read_inline({"mimeType": "text/csv", "data": data}, "x")
    assert found == Media("document", "text/csv", text="a,b\né")
    assert media.written(found, own=True) == {"inlineData": {"mimeType": "text/csv", "data": data}}
    odd = b64encode(b"\xff").decode()
    assert media.read_inline({"mimeType": "text/csv", "data": odd}, "x").data == odd


@pytest.mark.parametrize(
    ("uri", "kind", "form"),
    [
        ("https://example.com/a.png?x=1", "image", "url"),
        ("https://example.com/a", "document", "url"),
        ("https://youtu.be/abc", "video", "url"),
        ("https://www.youtube.com/watch?v=a", "video", "url"),
        ("gs://bucket/a.mp3", "audio", "file"),
        ("https://generativelanguage.googleapis.com/v1beta/files/abc", "document", "file"),
        ("https://generativelanguage.googleapis.com.example.com/v1beta/files/abc", "document", "url"),
        ("https://storage.googleapis.com/bucket/a.png", "image", "url"),
    ],
)
def test_a_uri_is_a_file_at_google_or_lies_elsewhere(uri, kind, form):
    found = media.read_stored({"fileUri": uri}, "x")
    assert (found.kind, getattr(found, form)) == (kind, uri)
    assert media.written(found, own=True) == {"fileData": {"fileUri": uri}}


@pytest.mark.parametrize("holder", [{}, {"fileUri": 3}, {"fileUri": "gs://x", "mimeType": []}])
def test_an_odd_file_is_refused(holder):
    with pytest.raises(Refusal, match=r"x\.(fileUri|mimeType)"):
        media.read_stored(holder, "x")


@pytest.mark.parametrize(
    ("given", "mime", "uri"),
    [
        (Media("image", url="https://a/b.WEBP#x"), "image/webp", "https://a/b.WEBP#x"),
        (Media("image", url="https://a/b"), "image/jpeg", "https://a/b"),
        (Media("audio", url="https://a/b"), "audio/mpeg", "https://a/b"),
        (Media("document", "text/html", url="https://a/b.pdf"), "text/html", "https://a/b.pdf"),
        (Media("document", file="files/abc"), "application/pdf", media.FILES + "abc"),
        (Media("image", file="abc"), "image/jpeg", media.FILES + "abc"),
        (Media("video", file="gs://b/c.mov"), "video/quicktime", "gs://b/c.mov"),
    ],
)
def test_google_is_told_the_type_of_a_uri(given, mime, uri):
    assert media.written(given, own=False) == {"fileData": {"mimeType": mime, "fileUri": uri}}


def test_the_name_of_a_file_is_for_clients_of_this_dialect():
    found = media.read_inline({"mimeType": "image/png", "data": "QQ==", "display_name": "a.png"}, "x")
    assert media.written(found, own=True)["inlineData"]["displayName"] == "a.png"
    assert "displayName" not in media.written(found, own=False)["inlineData"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (Media("image", data="QQ=="), "image.data"),
        (Media("image", url="x"), "image.url"),
        (Media("document", file="x"), "document.file"),
        (Media("document", text="x"), "document.text"),
        (Media("audio", file="x"), "audio.url"),
    ],
)
def test_features(given, name):
    assert media.feature(given) == name


@given(MIMES, st.binary(max_size=30))
def test_bytes_come_through(mime, content):
    blob = {"mimeType": mime, "data": b64encode(content).decode()}
    assert media.written(media.read_inline(blob, "x"), own=True) == {"inlineData": blob}
