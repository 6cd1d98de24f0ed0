"""The meter against recorded traffic: every exchange, however its body is cut, compared with a second reading."""

import random

from gateway import dialects
from gateway.call import Answer, Asked
from tests import corpus
from tests.dialects import independent

pytestmark = corpus.present

KNOWN_TYPES = (b"application/json", b"text/event-stream")


def answer(exchange, pieces, content_type=None):
    asked = Asked(dialect=independent.dialect(exchange.provider, exchange.surface), stream=exchange.stream)
    kind = exchange.headers.get("content-type", "").encode() if content_type is None else content_type
    meter = dialects.meter(asked, exchange.status, kind, b"")
    if meter is None:
        return Answer()
    for piece in pieces:
        meter.feed(piece)
    return meter.finish()


def cut(body, seed, most):
    choose = random.Random(seed)
    pieces, at = [], 0
    while at < len(body):
        size = choose.randint(1, most)
        pieces.append(body[at : at + size])
        at += size
    return pieces


def expected(exchange):
    name = independent.dialect(exchange.provider, exchange.surface)
    kind = exchange.headers.get("content-type", "")
    if not name or exchange.status >= 400 or kind.startswith("audio/"):
        return None
    return independent.usage(name, exchange.body)


def test_the_usage_of_every_recorded_answer_is_what_a_plain_reading_finds():
    wrong = [
        (exchange.id, found, wanted)
        for exchange in corpus.exchanges()
        if (found := answer(exchange, exchange.chunks).usage) != (wanted := expected(exchange))
    ]
    assert not wrong


# What `usage` in the corpus means beyond tokens: guardrail units, stored contents, batches, searches, money, seconds.
WITHOUT_TOKENS = {
    ("bedrock", "guardrail"),
    ("gemini", "cachedContents"),
    ("vertex", "cachedContents"),
    ("openai", "batches"),
    ("cohere", "v1-rerank"),
    ("cohere", "v2-rerank"),
    ("xai", "images"),
}


def test_every_answer_with_usage_is_metered_and_no_other():
    counted = uncounted = 0
    for exchange in corpus.exchanges():
        usage = answer(exchange, exchange.chunks).usage
        if "usage" in exchange.features and (exchange.provider, exchange.surface) not in WITHOUT_TOKENS:
            seconds = exchange.surface == "audio-transcription" and b'"seconds"' in exchange.body
            embeds_images = exchange.surface == "v2-embed" and usage is None
            assert usage is not None or seconds or embeds_images, exchange.id
            counted += usage is not None
        elif exchange.status >= 400:
            assert usage is None, exchange.id
            uncounted += 1
    assert counted > 700
    assert uncounted > 60


def test_where_a_body_is_cut_changes_nothing():
    for exchange in corpus.exchanges():
        whole = answer(exchange, [exchange.body])
        assert answer(exchange, exchange.chunks) == whole, exchange.id
        assert answer(exchange, cut(exchange.body, exchange.id, 700)) == whole, exchange.id
        if len(exchange.body) < 6000:
            assert answer(exchange, cut(exchange.body, exchange.id, 3)) == whole, exchange.id


def test_an_answer_without_a_content_type_is_read_all_the_same():
    for exchange in corpus.exchanges():
        kind = exchange.headers.get("content-type", "").encode()
        if kind.startswith(KNOWN_TYPES):
            assert answer(exchange, [exchange.body], b"") == answer(exchange, [exchange.body]), exchange.id


def test_every_failed_answer_in_a_known_form_has_the_providers_code():
    without = {
        (exchange.provider, exchange.surface)
        for exchange in corpus.exchanges()
        if exchange.status >= 400 and not answer(exchange, exchange.chunks).error
    }
    # These say what is wrong in prose alone; Bedrock's code is in a header.
    prose = {("bedrock", "converse"), ("bedrock", "invoke"), ("bedrock", "count_tokens"), ("ollama", "native-chat")}
    assert {pair for pair in without if pair[0] != "cohere"} <= prose


def test_a_streams_error_is_seen_though_its_status_was_200():
    codes = {
        exchange.id: answer(exchange, exchange.chunks).error
        for exchange in corpus.exchanges()
        if "stream_error" in exchange.features
    }
    assert codes
    assert all(codes.values())


def test_models_ids_and_finish_reasons_are_found_where_a_dialect_has_them():
    seen = nameless = 0
    for exchange in corpus.exchanges():
        name = independent.dialect(exchange.provider, exchange.surface)
        if exchange.status >= 400 or name not in ("openai_chat", "anthropic_messages", "gemini_generate"):
            continue
        found = answer(exchange, exchange.chunks)
        seen += 1
        nameless += not found.error and not (found.model and found.id and found.finish_reasons)
    # Snowflake gives no id, older Gemini answers none, and a vision preview of OpenAI's no finish reason.
    assert seen > 400
    assert nameless < 25


def test_requests_say_their_model_where_their_dialect_puts_it_into_the_body():
    missing = []
    for exchange in corpus.exchanges():
        name = independent.dialect(exchange.provider, exchange.surface)
        in_url = name.startswith(("gemini", "bedrock", "huggingface", "aleph")) or exchange.method != "POST"
        in_url = in_url or exchange.surface == "anthropic-messages" or exchange.provider == "azure-openai"
        in_url = in_url or b"omitted]" in exchange.request_body or b"assistant_id" in exchange.request_body
        in_url = in_url or b"pmpt_" in exchange.request_body or exchange.provider == "portkey"
        if not name or in_url or not exchange.request_recorded or not exchange.request_body:
            continue
        if not dialects.DIALECTS[name].read_request(exchange.request_body).model:
            missing.append(exchange.id)
    assert not missing


def test_requests_say_whether_they_stream():
    for exchange in corpus.exchanges():
        name = independent.dialect(exchange.provider, exchange.surface)
        if (
            name.startswith(("openai", "anthropic", "cohere"))
            and exchange.request_recorded
            and exchange.method == "POST"
        ):
            asked = dialects.DIALECTS[name].read_request(exchange.request_body)
            assert asked.stream == exchange.stream, exchange.id
            assert asked.parameters.get("gen_ai.request.stream", False) == exchange.stream, exchange.id
