"""Every recorded answer of every provider, asked for through every dialect with its official SDK."""

import pytest

from tests import corpus
from tests.compat import recordings
from tests.compat.heard import differences
from tests.compat.talkers import TALKERS

pytestmark = corpus.present

GROUPS = sorted(recordings.groups()) if (corpus.FOLDER / "dev").is_dir() else []
EXCEPTIONS = {
    ("vertex-generateContent-json-8af730be26", "gemini_generate"): "recorded with enum-encoding=int, which the gateway"
    " does not ask for; the bytes pass, and the SDK cannot read a number as a finishReason",
}
"""What is not compared, and why."""


def heard(stage, client, group):
    """What differs, recording by recording."""
    wrong, count = [], 0
    for one in recordings.groups()[group]:
        slug = recordings.home(one, client)
        if not slug or (one.id, client) in EXCEPTIONS:
            continue
        id, model, passed = f"{one.id}/{client}", f"{slug}/{recordings.named(one, slug)}", one.dialect == client
        talker, headers = stage.talker(client, slug), stage.headers(id, slug)
        try:
            answer = talker.ask(model, stream=one.exchange.stream, headers=headers, passed=passed)
            found = differences(answer, talker.wish(one.said, one.dialect))
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"[:1000]]
        count += 1
        found += stage.player.wrong.get(id, ["the provider was not asked"])
        if found:
            wrong.append((one.id, slug, found))
    stage.compared[client, group] = count
    return wrong


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("client", TALKERS)
def test_what_was_recorded_is_what_a_client_hears(stage, client, group):
    wrong = heard(stage, client, group)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.fixture(scope="module")
def count(stage):
    """How many answers were compared, all of them."""
    for client in TALKERS:
        for group in GROUPS:
            if (client, group) not in stage.compared:
                heard(stage, client, group)
    return sum(stage.compared.values())


def test_nearly_everything_that_is_recorded_was_compared(count):
    """All but what is named in EXCEPTIONS, and Bedrock's InvokeModel, which only Anthropic's clients are sent to."""
    invoked = [one for one in recordings.recordings() if one.exchange.surface == "invoke"]
    others = len(TALKERS) - 1
    assert count == len(TALKERS) * len(recordings.recordings()) - len(EXCEPTIONS) - others * len(invoked)


def test_the_log_holds_the_tokens_that_were_recorded(stage, count):
    lines, wrong = stage.lines(), []
    known = {one.id: one for one in recordings.recordings()}
    asked = [id for id in lines if id.partition("/")[0] in known and id.partition("/")[2] in TALKERS]
    for id in asked:
        said, line = known[id.partition("/")[0]].said, lines[id]
        used = (said.usage.input_tokens, said.usage.output_tokens) if said.usage else (None, None)
        if (line["tokens_in"], line["tokens_out"]) != used or len(line["attempts"]) != 1:
            wrong.append((id, used, line["tokens_in"], line["tokens_out"], len(line["attempts"])))
    assert len(asked) == count
    assert not wrong, "\n".join(map(str, wrong))
