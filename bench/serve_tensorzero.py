"""TensorZero's own HTTP server, which its package on PyPI has only inside its extension. Run by the peer's Python.

Usage: serve_tensorzero.py CONFIG URL-FILE: it takes a free port, and writes the base URL to the file once it listens.
"""

import os
import signal
import sys

import tensorzero

gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False
)
with open(sys.argv[2] + ".new", "w") as file:
    file.write(gateway.base_url)
os.rename(sys.argv[2] + ".new", sys.argv[2])
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
while True:
    signal.pause()
