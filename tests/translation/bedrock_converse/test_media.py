"""Media get Bedrock's formats, and documents names that it takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Text
from gateway.translation.bedrock_converse import CODEC
from gateway.translation.bedrock_converse.media import FORMATS, Shelf, format_of
from tests.translation.bedrock_converse.asking import content, talk, write
from tests.translation.bedrock_converse.shapes import model

SHAPES = {"image": "ImageFormat", "audio": "AudioFormat", "video": "VideoFormat", "document": "DocumentFormat"}


def names(*given: str) -> list[str]:
    blocks = content(*(Media("document", "application/pdf", "JVBE", name=name) for name in given))
    return [block["document"]["name"] for block in blocks]


@pytest.mark.parametrize("kind", SHAPES)
def test_every_format_is_one_that_bedrock_knows(kind):
    assert set(FORMATS[kind].values()) <= set(model().shape_for(SHAPES[kind]).enum)


@pytest.mark.parametrize(
    ("media", "form"),
    [
        (Media("image", "image/JPG; q=1", "x"), "jpeg"),
        (Media("image", "", "iVBORw0KGgoAAAA"), "png"),
        (Media("image", "", "UklGRh4AAABXRUJQ"), "webp"),
        (Media("document", "", "JVBERi0xLjQ"), "pdf"),
        (Media("document", "", "UEsDBBQ", name="Plan.DOCX"), "docx"),
        (Media("document", "text/x-python", "eA=="), "txt"),
        (Media("video", "video/3gpp", "x"), "three_gp"),
        (Media("image", "image/tiff", "x"), ""),
        (Media("document", "application/zip", "x"), ""),
        (Media("image", "", "x", name="a"), ""),
        (Media("audio", "", "iVBORw0KGgoAAAA"), ""),
    ],
)
def test_the_format_is_told_by_type_by_beginning_or_by_name(media, form):
    assert format_of(media) == form


def test_a_form_that_bedrock_lacks_is_a_loss():
    assert write(talk(Text("a"), Media("image", "image/tiff", "AAAA")))[1].refused == ["image.data"]


def test_text_is_a_document_too():
    assert content(Media("document", text="Hello", name="facts.txt", cite=True)) == [
        {"document": {"format": "txt", "name": "facts", "source": {"text": "Hello"}, "citations": {"enabled": True}}}
    ]


def test_names_hold_only_what_bedrock_allows():
    assert names("Über_den  Plan (v2) [a]/b.pdf") == ["ber-den Plan (v2) [a]-b"]
    assert names("", "…", "x" * 300) == ["Document 1", "Document 2", "x" * 160]


def test_no_two_documents_have_one_name():
    assert names("a.pdf", "a.pdf", "a.txt") == ["a", "a 2", "a 3"]
    assert names("Document 2", "") == ["Document 2", "Document 2 2"]


@given(st.lists(st.text(max_size=30) | st.sampled_from(["a.pdf", "a", "a 2", "Document 1", ""]), max_size=6))
def test_any_names_become_names_that_bedrock_takes(given_names):
    shelf = Shelf(Losses(CODEC.rules))
    found = [shelf.block(Media("document", text="x", name=name))["document"]["name"] for name in given_names]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[A-Za-z0-9()\[\]-]+( [A-Za-z0-9()\[\]-]+)*", name) for name in found)


def test_addresses_are_refused_but_those_of_s3():
    for kind in ("image", "document", "video", "audio"):
        assert write(talk(Text("a"), Media(kind, url="https://a.example/x")))[1].refused == [f"{kind}.url"]
    assert content(Media("video", "video/mp4", url="s3://films/a.mp4")) == [
        {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://films/a.mp4"}}}}
    ]
    assert content(Media("document", url="s3://papers/a.pdf", name="a.pdf"))[0]["document"]["name"] == "a"


def test_an_image_in_s3_needs_a_type():
    assert write(talk(Text("a"), Media("image", url="s3://films/a")))[1].refused == ["image.url"]


def test_sound_is_carried():
    assert content(Media("audio", "audio/mpeg", "AAAA")) == [{"audio": {"format": "mp3", "source": {"bytes": "AAAA"}}}]


def test_how_closely_to_look_cannot_be_said():
    assert write(talk(Media("image", "image/png", "AAAA", detail="high")))[1].refused == ["image.detail"]
    assert not write(talk(Media("image", "image/png", "AAAA", detail="auto")))[1].refused


def test_a_stored_file_is_refused():
    losses = Losses(CODEC.rules)
    assert Shelf(losses).block(Media("document", file="file_1")) is None
    assert losses.refused == ["document.file"]
