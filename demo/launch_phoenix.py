"""Runs in Phoenix's own environment and starts it, its gRPC port on the loopback alone.

PHOENIX_HOST is for its HTTP port only: gRPC would listen on every address of the machine.
"""

import importlib
import sys
from typing import Any

grpc: Any = importlib.import_module("grpc.aio")
server = grpc.server


def local(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - types of a package that only Phoenix's environment has
    """A gRPC server that listens where it is told, but not for others."""
    made = server(*args, **named)
    listen = made.add_insecure_port
    made.add_insecure_port = lambda address: listen(address.replace("[::]", "127.0.0.1"))
    return made


if __name__ == "__main__":
    grpc.server = local
    sys.argv = ["phoenix", "serve"]
    sys.exit(importlib.import_module("phoenix.server.main").main())
