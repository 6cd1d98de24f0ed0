"""A composed site, and requests put to it as an ASGI server puts them; the provider is the demo, in this process."""

import asyncio
import json

from gateway.app import Application
from gateway.cli.known import providers
from gateway.process import Process
from gateway.settings.load import load

YAML = """
server: {max_request_bytes: 1KiB, body_timeout: 200ms}
accounts:
  acme:
    gateways:
      main: {}
      full: {logs: {payload: true, max_payload_bytes: 10}}
      closed: {authentication: {tokens: [{name: web, token: gw-token-0123456789}]}}
"""
PATH = b"/v1/acme/main/demo/chat/completions"
ASK = b'{"model": "demo", "messages": [{"role": "user", "content": "Hi"}]}'
STREAM = b'{"model": "demo", "stream": true, "messages": [{"role": "user", "content": "Hi"}]}'


class Stage:
    """An application whose finished records are kept."""

    def __init__(self, folder, yaml=YAML):
        file = folder / "gateways.yaml"
        file.write_text(yaml)
        self.process = Process(file, load(file, {}, providers()), {}, providers())
        self.app = Application(self.process)
        self.records = []
        report = self.process.edge.report
        self.process.edge.report = lambda record, gateway: (self.records.append(record), report(record, gateway))
        # Nothing is to stand on this process's own standard output.
        self.process.writer.write = lambda line: None

    def request(self, *args, **kwargs):
        return asyncio.run(self.answered(*args, **kwargs))

    async def answered(self, path=PATH, parts=(ASK,), headers=(), query=b"", method="POST"):
        """Put a request whose body comes in `parts`; "gone" and "leave" are the client leaving, "stall" its silence."""
        left, sent = list(parts), []

        async def receive():
            part = left.pop(0) if left else "hold"
            if part in ("gone", "leave"):
                return {"type": "http.disconnect"}
            if part in ("stall", "hold"):
                await asyncio.sleep(3600)
            more = bool(left) and left[0] != "leave"
            return {"type": "http.request", "body": part, "more_body": more}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": path.decode("latin-1"), "raw_path": path, "query_string": query,
            "headers": [(b"content-type", b"application/json"), *headers], "client": ("127.0.0.1", 1),
            "scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 8787), "root_path": "",
        }  # fmt: skip
        await self.app(scope, receive, send)
        self.process.account()
        return Got(sent)


class Got:
    """What the application sent."""

    def __init__(self, sent):
        self.sent = sent
        self.status = sent[0]["status"] if sent else None
        self.headers = dict(sent[0]["headers"]) if sent else {}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])

    @property
    def code(self):
        return json.loads(self.body)["error"]["code"]
