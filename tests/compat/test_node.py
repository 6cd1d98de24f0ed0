"""A sample of the recordings through the official Node SDKs: of each provider's surface the shortest of each kind."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import corpus
from tests.compat import recordings
from tests.compat.heard import Heard, at, differences, known
from tests.compat.stage import CLOUDS
from tests.compat.talkers import TALKERS
from tests.compat.told import Voice
from tests.sdks import test_node as sdks

pytestmark = corpus.present

node = sdks.node
"""The fixture that installs the packages."""

SCRIPT = Path(__file__).parent / "node" / "ask.mjs"
CLIENTS = ("openai_chat", "openai_responses", "anthropic_messages")


def kind(one):
    """What an answer is a sample of."""
    first = one.said.voices[0] if one.said.voices else Voice()
    return one.exchange.stream, one.said.failed, bool(first.calls), bool(first.thinking)


def sample():
    """The shortest recording of each kind, of each group."""
    found = {}
    for one in sorted(recordings.recordings(), key=lambda one: len(one.exchange.body)):
        if not (one.said.begun and one.said.failed):
            found.setdefault((one.group, kind(one)), one)
    return list(found.values())


def played(stage, path, cases, gateway):
    """What the SDKs heard, in the order of the questions."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "ANTHROPIC_"))}
    command = [path, str(SCRIPT), stage.url(gateway), str(sdks.LOCK)]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, timeout=60, env=environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def heard(said, client):
    """The same as a Python SDK's answer."""
    if "error" in said:
        return Heard([], None, tuple(said["error"]))
    voice = Voice(said["text"], said["refusal"], said["thinking"], [tuple(call) for call in said["calls"]])
    voice.reason = said["reason"]
    own = TALKERS[client].own
    used = said["usage"]
    return Heard([voice], None if used is None else known({name: at(used, path) for name, path in own.items()}))


@pytest.mark.parametrize("gateway", ["main", "clouds"])
@pytest.mark.parametrize("client", CLIENTS)
def test_the_node_sdks_hear_the_same(stage, node, client, gateway):
    asked = [(one, recordings.home(one, client)) for one in sample()]
    # Where the bytes pass there is nothing of ours to be shown.
    asked = [
        (one, slug)
        for one, slug in asked
        if slug and (slug in CLOUDS) == (gateway == "clouds") and one.dialect != client
    ]
    cases = [
        {
            "client": client,
            "model": f"{slug}/{recordings.named(one, slug)}",
            "stream": one.exchange.stream,
            "passed": False,
            "headers": stage.headers(f"{one.id}/node/{client}", slug),
        }
        for one, slug in asked
    ]
    wrong = []
    for (one, slug), said in zip(asked, played(stage, node, cases, gateway), strict=True):
        wish = stage.talker(client, slug).wish(one.said, one.dialect)
        wish.voices = wish.voices[:1]
        if found := differences(heard(said, client), wish):
            wrong.append((one.id, slug, found))
    assert asked
    assert not wrong, f"{len(wrong)} of {len(asked)}\n" + "\n".join(map(str, wrong))
