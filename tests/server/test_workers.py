"""Several worker processes on one port, with a parent over them."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests import world
from tests.server.raw import answer, connect, get, post, until_closed
from tests.world import Says

EVENTS = {"content-type": "text/event-stream"}
SCRIPTS = {"stream": Says(headers=EVENTS, chunks=[b"data: 1\n\n"] * 5, framing="chunked", pause=0.1)}
WHOLE = Says(chunks=[b'{"id": "x"}'])
PATH = "/v1/acme/main/openai/chat/completions"


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: SCRIPTS.get(asked.header("x-do"), WHOLE)) as one:
        yield one


def serve(folder, provider, count=2):
    yaml = f"""
    server: {{drain: 5s}}
    providers: {{openai: {{base_url: "{provider.url}/v1"}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    return world.gateway(folder, yaml, args=("--workers", str(count)))


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(true, within: float = 10.0):
    end = time.monotonic() + within
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found


def up(gateway, count: int) -> list[int]:
    """The workers' process ids, once all of them answer for one another's numbers."""
    until(lambda: processes(gateway) == count)
    return children(gateway.process.pid)


def processes(gateway) -> int:
    """Sockets that workers have put up: one each."""
    found = [
        Path(match[1])
        for pid in children(gateway.process.pid)
        if (match := re.search(r"GATEWAY_SIBLINGS=([^\0]+)", Path(f"/proc/{pid}/environ").read_text()))
    ]
    return len(list(found[0].glob("*.sock"))) if found else 0


def counted(gateway) -> float:
    """Calls, as /metrics of one of the workers adds them up."""
    text = gateway.call("/metrics", None, "GET").body.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if re.match(r"gateway_calls_total\{", line))


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("count", [2, 4])
def test_all_workers_serve_and_a_drain_loses_no_call(tmp_path, provider, count):
    with serve(tmp_path, provider, count) as gateway:
        workers = up(gateway, count)
        assert len(workers) == count
        results, stop = [], threading.Event()
        threads = [threading.Thread(target=load, args=(gateway.port, results, stop)) for _ in range(8)]
        for thread in threads:
            thread.start()
        until(lambda: len(results) > 400, 20)
        streams = [connect(gateway.port) for _ in range(4)]
        for stream in streams:
            stream.sendall(post(b"{}", "x-do: stream"))
        time.sleep(0.15)
        busy = [ticks(pid) for pid in workers]
        gateway.process.send_signal(signal.SIGTERM)
        for stream in streams:
            assert until_closed(stream).endswith(b"0\r\n\r\n")
            stream.close()
        assert gateway.process.wait(10) == 0
        stop.set()
        for thread in threads:
            thread.join(10)
        assert set(results) <= {"200", "refused"}, set(results)
        assert all(gone(pid) for pid in workers)
        assert min(busy) > 0
        assert results.count("200") + 4 == len(gateway.lines())
        assert "Traceback" not in gateway.errors()


def ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def load(port: int, results: list[str], stop: threading.Event) -> None:
    """Calls, ten to a connection, until no more connection is to be had."""
    while not stop.is_set():
        try:
            client = connect(port, 5)
        except ConnectionRefusedError:
            results.append("refused")
            return
        with client:
            for _ in range(10):
                try:
                    client.sendall(post())
                    status, headers, _ = answer(client)
                except (OSError, EOFError) as error:
                    results.append(repr(error))
                    return
                results.append(str(status))
                if headers.get("connection") == "close":
                    break


def test_metrics_of_any_worker_are_those_of_all(tmp_path, provider):
    with serve(tmp_path, provider, 3) as gateway:
        up(gateway, 3)
        for _ in range(60):
            gateway.call(PATH)
        until(lambda: counted(gateway) == 60)
        assert {counted(gateway) for _ in range(20)} == {60}


def test_a_worker_that_was_killed_is_replaced(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        first = up(gateway, 2)
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(set(children(gateway.process.pid)) - set(first)) == 1)
        assert gateway.call(PATH).status == 200
        until(lambda: "worker 0 ended with -9: starting another" in gateway.errors())
        assert gateway.stop() == 0


def test_a_worker_that_is_told_to_go_alone_leaves_the_port_to_the_others(tmp_path, provider):
    """They share one socket: what it does to that as it leaves must not turn their clients away."""
    with serve(tmp_path, provider) as gateway:
        first = up(gateway, 2)
        os.kill(first[0], signal.SIGTERM)
        until(lambda: gone(first[0]))
        for _ in range(10):
            with connect(gateway.port, 2) as client:
                client.sendall(post())
                assert answer(client)[0] == 200
        until(lambda: len(set(children(gateway.process.pid)) - set(first)) == 1)
        assert gateway.call(PATH).status == 200
        assert gateway.stop() == 0


def test_workers_drain_and_leave_when_their_parent_was_killed(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        workers = up(gateway, 2)
        folder = Path(re.search(r"GATEWAY_SIBLINGS=([^\0]+)", Path(f"/proc/{workers[0]}/environ").read_text())[1])
        with connect(gateway.port) as stream:
            stream.sendall(post(b"{}", "x-do: stream"))
            time.sleep(0.15)
            os.kill(gateway.process.pid, signal.SIGKILL)
            assert until_closed(stream).endswith(b"0\r\n\r\n")
        until(lambda: all(gone(pid) for pid in workers))
        assert not folder.exists()


def test_sighup_reaches_all_workers_also_those_that_are_starting(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        gateway.process.send_signal(signal.SIGHUP)
        workers = up(gateway, 2)
        gateway.file.write_text(gateway.file.read_text().replace("main:", "other:"))
        gateway.process.send_signal(signal.SIGHUP)
        other = PATH.replace("main", "other")
        until(lambda: all(gateway.call(other).status == 200 for _ in range(20)))
        assert children(gateway.process.pid) == workers


def test_a_stop_during_the_start_is_heard(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(10) == 0


def test_two_signals_end_all_workers_at_once(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        up(gateway, 2)
        with connect(gateway.port) as stream:
            stream.sendall(post(b"{}", "x-do: stream"))
            time.sleep(0.15)
            gateway.process.send_signal(signal.SIGINT)
            time.sleep(0.05)
            gateway.process.send_signal(signal.SIGINT)
            assert b"gateway_stopping" in until_closed(stream)
        assert gateway.process.wait(3) == 0


def test_a_ctrl_c_of_the_terminal_is_heard_once(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        workers = up(gateway, 2)
        assert not [pid for pid in workers if os.getpgid(pid) == os.getpgid(gateway.process.pid)]
        with connect(gateway.port) as stream:
            stream.sendall(post(b"{}", "x-do: stream"))
            time.sleep(0.15)
            gateway.process.send_signal(signal.SIGINT)
            assert until_closed(stream).endswith(b"0\r\n\r\n")
        assert gateway.process.wait(5) == 0


def test_workers_that_cannot_start_are_exit_1(tmp_path):
    # As where a file that they need has gone, or a library of the system's.
    (tmp_path / "sitecustomize.py").write_text("import os\nif 'GATEWAY_WORKER' in os.environ:\n    os._exit(3)\n")
    (tmp_path / "gateways.yaml").write_text("accounts: {acme: {gateways: {main: {authentication: none}}}}")
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(tmp_path / "gateways.yaml")]
    done = subprocess.run(
        [*command, "--port", str(world.free_port()), "--workers", "2"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)}, cwd=world.ROOT, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert "ended with 3 before any served: stopping" in done.stderr


def test_workers_that_die_as_soon_as_they_serve_are_replaced(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        first = up(gateway, 2)
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(set(children(gateway.process.pid)) - set(first)) == 2)
        assert gateway.call(PATH).status == 200
        assert gateway.errors().count("starting another") == 2


def test_a_worker_answers_while_another_is_stopped(tmp_path, provider):
    with serve(tmp_path, provider) as gateway:
        workers = up(gateway, 2)
        os.kill(workers[0], signal.SIGSTOP)
        try:
            # Connections that the stopped one has taken already wait for it; a new one goes to the other.
            with connect(gateway.port, 3) as client:
                client.sendall(get("/metrics"))
                assert answer(client)[0] == 200
        finally:
            os.kill(workers[0], signal.SIGCONT)
        assert gateway.stop() == 0


def test_port_0_prints_the_port_that_was_chosen(tmp_path):
    file = tmp_path / "gateways.yaml"
    file.write_text("accounts: {acme: {gateways: {main: {}}}}")
    for count in (1, 2):
        command = [os.sys.executable, "-m", "gateway", "serve", "--config", str(file), "--port", "0"]
        command += ["--workers", str(count)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=world.ROOT) as process:
            port = int(process.stderr.readline().rpartition(b":")[2])
            with connect(port) as client:
                client.sendall(get())
                assert answer(client)[0] == 200
            process.terminate()
            process.stderr.read()
            assert process.wait(10) == 0
