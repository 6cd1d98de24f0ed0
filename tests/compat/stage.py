"""The stage: one gateway process, one provider on loopback that replays recordings, every SDK as a client."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.providers.rows import load
from tests import world
from tests.compat import recordings
from tests.compat.recordings import CONVERSE, RESPONSES, SLUGS, Recording
from tests.compat.talker import Talker
from tests.compat.talkers import TALKERS
from tests.corpus import Exchange
from tests.e2e.replay import HOP
from tests.world import ROOT, Asked, Gateway, Provider, Says

ID = "x-exchange"
CLOUDS = ("google-vertex-ai", "aws-bedrock", CONVERSE)
"""Providers that a stored key is used for: their clients' credentials are no plain keys."""
AWS = json.dumps({"accessKeyId": "AKIDSTORED", "secretAccessKey": "stored-secret", "region": "us-east-1"})


class Player:
    """Answers with the recording whose id a request carries, or with what a test put in its place."""

    def __init__(self) -> None:
        self.by_id = {one.id: one for one in recordings.recordings()}
        self.wrong: dict[str, list[str]] = {}
        self.said: dict[str, Says] = {}
        """Answers of a test's own, by the id that its requests carry."""
        self.got: dict[str, list[Asked]] = {}

    def __call__(self, asked: Asked) -> Says:
        if asked.target == "/token":
            return Says(chunks=[b'{"access_token": "ya29.minted", "expires_in": 3599, "token_type": "Bearer"}'])
        id = asked.header(ID) or ""
        self.got.setdefault(id, []).append(asked)
        if id in self.said:
            return self.said[id]
        recording = self.by_id[id.partition("/")[0]]
        self.wrong[id] = recordings.faults(recording, asked.header("x-slug") or "", asked.target, asked.body)
        return replayed(recording)


def played(exchange: Exchange) -> Says:
    """An exchange's answer as it was sent, in the recorded chunks."""
    headers = {name: value for name, value in exchange.headers.items() if name not in HOP}
    framing = "chunked" if exchange.stream or exchange.chunk_sizes else "length"
    return Says(exchange.status, headers, [chunk for chunk in exchange.chunks if chunk], framing)


def replayed(recording: Recording) -> Says:
    """A recording's answer; a Google stream always as events, as the gateway asks."""
    exchange, says = recording.exchange, played(recording.exchange)
    if recording.dialect == "gemini_generate" and exchange.stream and exchange.body.lstrip().startswith(b"["):
        says.chunks = [b"data: " + json.dumps(one).encode() + b"\r\n\r\n" for one in json.loads(exchange.body)]
        says.headers["content-type"] = "text/event-stream"
    return says


def service_account(url: str) -> str:
    """A stored key of Google's, whose tokens are minted on loopback."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "me@p.iam.gserviceaccount.com",
            "private_key": pem.decode(),
            "private_key_id": "kid1",
            "project_id": "scrubbed-project",
            "region": "us-east5",
            "token_uri": f"{url}/token",
        }
    )


def yaml(url: str) -> str:
    rows = load()
    lines = ["providers:"]
    paths = {slug: "" if rows[slug].routes else urlsplit(rows[slug].base_url).path for slug in SLUGS.values()}
    lines += [f"  {slug}: {{base_url: '{url}{path}'}}" for slug, path in paths.items()]
    lines += [f"  own: {{base_url: '{url}', dialect: openai}}", f"  {RESPONSES}: {{base_url: '{url}'}}"]
    lines += [f"  {CONVERSE}: {{base_url: '{url}'}}"]
    return (
        "\n".join(lines)
        + """
accounts:
  acme:
    gateways:
      main: {}
      clouds:
        client_keys: ignore
        keys: {google-vertex-ai: "${VERTEX}", aws-bedrock: "${AWS}", only-converse: "${AWS}"}
"""
    )


class Stage:
    """All that a test needs."""

    def __init__(self, gateway: Gateway, provider: Provider, player: Player) -> None:
        self.gateway, self.provider, self.player = gateway, provider, player
        self.compared: dict[tuple[str, str], int] = {}
        """How many recordings were compared, by client and group."""
        self.read, self.known = 0, {}
        """How much of the log was read, and its lines so far."""
        self.talkers: dict[tuple[str, str], Talker] = {}

    def url(self, gateway: str = "main") -> str:
        return f"{self.gateway.url}/v1/acme/{gateway}/compat"

    def talker(self, dialect: str, slug: str = "") -> Any:
        """The SDK of a dialect, made once."""
        gateway = "clouds" if slug in CLOUDS else "main"
        found = self.talkers.get((dialect, gateway))
        if found is None:
            found = self.talkers[dialect, gateway] = TALKERS[dialect](self.url(gateway))
        return found

    def headers(self, id: str, slug: str = "") -> dict[str, str]:
        """Headers by which the provider knows what to answer, and a log line whom it is of."""
        return {ID: id, "x-slug": slug, "cf-aig-metadata": json.dumps({"id": id})}

    def lines(self) -> dict[str, dict[str, Any]]:
        """Log lines by the ids of their calls, all that were written before this."""
        marker, until = self.gateway.call("/v1/acme/main/nobody", None, "GET").log_id, time.monotonic() + 5
        while time.monotonic() < until:
            with Path(self.gateway.out.name).open("rb") as log:
                log.seek(self.read)
                text = log.read()
            whole = text[: text.rfind(b"\n") + 1]
            self.read += len(whole)
            found = [json.loads(line) for line in whole.splitlines()]
            self.known |= {line["metadata"]["id"]: line for line in found if (line["metadata"] or {}).get("id")}
            if any(line["id"] == marker for line in found):
                return self.known
            time.sleep(0.005)
        raise AssertionError("the log lacks a line")

    def line(self, id: str, within: float = 3.0) -> dict[str, Any]:
        """The log line of a call that may still be under way."""
        until = time.monotonic() + within
        while id not in self.lines() and time.monotonic() < until:
            time.sleep(0.01)
        return self.known[id]


@contextlib.contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    player = Player()
    with contextlib.ExitStack() as stack:
        provider = stack.enter_context(world.provider(player))
        env = {
            "VERTEX": service_account(provider.url),
            "AWS": AWS,
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent / "rows"), str(ROOT))),
        }
        gateway = stack.enter_context(world.gateway(folder, yaml(provider.url), env))
        stage = Stage(gateway, provider, player)
        yield stage
        for talker in stage.talkers.values():
            talker.sdk.close()
