import msgspec
import pytest

from gateway.settings.cache import CacheBlock, lasting
from gateway.settings.nodes import Key, Mapping, Scalar
from gateway.settings.units import Size


def block(ttl):
    return Mapping({"ttl": (Key("ttl", 1, 1), Scalar(ttl, 1, 6))}, 1, 1)


def test_nothing_said_is_off_and_private():
    assert CacheBlock() == CacheBlock(scope="token", on_store_loss="allow")
    assert (float(CacheBlock().ttl), CacheBlock().max_bytes) == (0, Size.read("25MiB"))


def test_other_words_are_no_settings():
    for written in ({"scope": "account"}, {"on_store_loss": "deny"}, {"tll": "5m"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(written, CacheBlock)


@pytest.mark.parametrize("ttl", ["31d", "721h", "30.5d"])
def test_an_answer_is_kept_for_a_month_at_most(ttl):
    assert [found.sentence for found in lasting(block(ttl))] == ["an answer is kept for 30d at most"]


@pytest.mark.parametrize("ttl", ["5m", "30d", 0, "soon", None, True])
def test_what_the_schema_judges_is_left_to_it(ttl):
    assert list(lasting(block(ttl))) == []
    assert list(lasting(None)) == []
