"""SSE client: `connections` at once, each sending one request after another until `repeat` of them or `seconds` have passed;
what has begun is read to its end (so that the gateway's CPU time belongs to whole streams). Prints one JSON line.

Usage: stream_client.py '{"host", "port", "path", "body" (file), "headers" (file), "connections", "repeat", "seconds",
                          "stagger" (s over which the connections start), "timeout"}'
"""

import asyncio
import json
import statistics
import sys
import time

import uvloop

ARGS = json.loads(sys.argv[1])
with open(ARGS["body"], "rb") as f:
    BODY = f.read()
with open(ARGS["headers"], "rb") as f:
    HEADERS = f.read().strip().replace(b"\n", b"\r\n")
REQUEST = (
    f"POST {ARGS['path']} HTTP/1.1\r\nHost: {ARGS['host']}:{ARGS['port']}\r\nContent-Length: {len(BODY)}\r\n".encode()
    + HEADERS
    + b"\r\n\r\n"
    + BODY
)
first, total, events, failed = [], [], [], []
with_done = 0


class Client(asyncio.Protocol):
    def __init__(self):
        self.done = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def send(self):
        self.done.clear()
        self.head, self.tail, self.events, self.ttfb, self.saw_done = b"", b"", 0, None, False
        self.start = time.perf_counter()
        self.transport.write(REQUEST)

    def data_received(self, data):
        if self.ttfb is None:
            self.head += data
            if b"data:" not in self.head:
                if b"\r\n\r\n" in self.head and not self.head.startswith(b"HTTP/1.1 200"):
                    self.done.set()
                return
            self.ttfb = time.perf_counter() - self.start
            data = self.head
        window = self.tail + data
        self.events += window.count(b"data:") - self.tail.count(b"data:")
        self.saw_done = self.saw_done or b"[DONE]" in window
        self.tail = window[-12:]
        if window.endswith(b"0\r\n\r\n"):  # the end of a chunked body; without one, connection_lost
            self.done.set()

    def connection_lost(self, exc):
        self.done.set()


async def worker(loop, i, until):
    global with_done
    await asyncio.sleep(ARGS["stagger"] * i / ARGS["connections"])
    client = None
    for _ in range(ARGS["repeat"]):
        if time.perf_counter() > until:
            break
        if client is None or client.transport.is_closing():
            _, client = await loop.create_connection(Client, ARGS["host"], ARGS["port"])
        client.send()
        await client.done.wait()
        if client.ttfb is None:
            failed.append(client.head[:300].decode("latin1"))
            client.transport.close()
            continue
        first.append(client.ttfb)
        total.append(time.perf_counter() - client.start)
        events.append(client.events)
        with_done += client.saw_done
    if client:
        client.transport.close()


def at(values, q):
    return round(sorted(values)[min(len(values) - 1, int(len(values) * q))] * 1e3, 3) if values else None


async def main():
    loop, begin = asyncio.get_running_loop(), time.perf_counter()
    tasks = [asyncio.create_task(worker(loop, i, begin + ARGS["seconds"])) for i in range(ARGS["connections"])]
    _, pending = await asyncio.wait(tasks, timeout=ARGS["timeout"])
    took = time.perf_counter() - begin
    for task in pending:
        task.cancel()
    errors = failed + [repr(t.exception()) for t in tasks if t.done() and not t.cancelled() and t.exception()]
    print(
        json.dumps(
            {
                "requests": len(total),
                "seconds": took,
                "with_done": with_done,
                "unfinished": len(pending),
                "failed": len(errors),
                "events_per_stream": statistics.median(events) if events else 0,
                "ttfb_ms_p50": at(first, 0.5),
                "ttfb_ms_p99": at(first, 0.99),
                "total_ms_p50": at(total, 0.5),
                "total_ms_p99": at(total, 0.99),
                "first_error": [*errors, None][0],
            }
        )
    )


uvloop.run(main())
