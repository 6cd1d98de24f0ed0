import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Cache, Media, Native
from gateway.translation.anthropic_messages.media_in import read_document, read_image


def image(**source):
    return {"type": "image", "source": source}


def document(source, **more):
    return {"type": "document", "source": source, **more}


def test_an_image_has_one_of_three_sources():
    assert read_image(image(type="base64", media_type="image/png", data="iVBO"), "x") == Media(
        "image", "image/png", "iVBO"
    )
    assert read_image(image(type="url", url="https://a.example/a.png"), "x") == Media(
        "image", url="https://a.example/a.png"
    )
    assert read_image(image(type="file", file_id="file_1"), "x") == Media("image", file="file_1")


def test_a_document_has_a_title_and_may_be_cited():
    read = read_document(
        document(
            {"type": "text", "media_type": "text/plain", "data": "Facts."},
            title="facts.txt",
            citations={"enabled": True},
            cache_control={"type": "ephemeral"},
        ),
        "x",
    )
    assert read == Media("document", "text/plain", text="Facts.", name="facts.txt", cite=True, cache=Cache())


def test_a_document_of_blocks_stays_as_it_is():
    given = document({"type": "content", "content": [{"type": "text", "text": "a"}]})
    assert read_document(given, "x") == Native("anthropic_messages", "document.content", given)


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ({"type": "image"}, "x.source"),
        (image(type="url"), "x.source.url"),
        (image(type="base64", data=5), "x.source.data"),
        (image(type=7), "x.source.type"),
        (image(type="base64", data="a", media_type=[]), "x.source.media_type"),
    ],
)
def test_a_broken_image_is_refused_by_its_place(block, place):
    with pytest.raises(Refusal, match=place) as refused:
        read_image(block, "x")
    assert refused.value.status == 400
