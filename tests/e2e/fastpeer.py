"""A provider quick enough to load a gateway with, in a process of its own: `python fastpeer.py` prints its port.

A body that asks for a stream gets its first event, and one more every half second, `x-events` of them; any other is
answered at once.
"""

import asyncio
import sys

import uvloop

BODY = (
    b'{"id":"1","object":"chat.completion","model":"gpt-4o-mini","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"Hello."}}],"usage":{"prompt_tokens":10,"completion_tokens":2}}'
)
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY
EVENT = b'data: {"id":"1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"He"}}]}\n\n'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)


class Peer(asyncio.Protocol):
    """One connection; requests come whole or in parts, never two at once."""

    def connection_made(self, transport):
        self.transport, self.seen, self.timer = transport, b"", None

    def data_received(self, data):
        self.seen += data
        head, end, body = self.seen.partition(b"\r\n\r\n")
        if not end:
            return
        lower = head.lower()
        length = int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self.seen = b""
        if b'"stream"' not in body:
            self.transport.write(WHOLE)
            return
        self.left = int(lower.partition(b"x-events: ")[2].partition(b"\r\n")[0])
        self.transport.write(HEAD)
        self.event()

    def event(self):
        self.transport.write(CHUNK)
        self.left -= 1
        if self.left > 0:
            self.timer = asyncio.get_running_loop().call_later(0.5, self.event)
        else:
            self.transport.write(b"0\r\n\r\n")

    def connection_lost(self, error):
        if self.timer is not None:
            self.timer.cancel()


async def main():
    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started us holds the other end: when that goes, so do we.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main())
