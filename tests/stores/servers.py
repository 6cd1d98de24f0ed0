"""Real Redis servers for the tests, each on a free port and stopped by its own pid."""

import os
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, folder, *options, port=None):
        self.port, self.folder, self.options = port or free_port(), str(folder), options
        self.process = None

    def start(self):
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder, *self.options]
        self.process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self.port or int(self.options[self.options.index("--tls-port") + 1])
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("redis-server did not start")

    def url(self, rest="/0?timeout=2000"):
        return f"redis://127.0.0.1:{self.port}{rest}"

    def hang(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def wake(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.wake()
            self.kill()

    def ask(self, *words):
        """A command by a plain socket; the raw answer."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as line:
            line.sendall(request(*words))
            line.settimeout(5)
            return line.recv(1 << 20)


def request(*words):
    sent = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(sent) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in sent)
