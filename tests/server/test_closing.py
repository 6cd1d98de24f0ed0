"""A listener that closes: who waits is served, who comes later is turned away, nobody is reset."""

import errno
import select
import socket
import subprocess
import sys

import pytest

from gateway.server.closing import deafen, goes_on, queued

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the filter is Linux's")


@pytest.fixture
def listener():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen(16)
        one.setblocking(False)
        yield one


def client(listener):
    one = socket.socket()
    one.settimeout(0.3)
    one.connect(listener.getsockname())
    return one


def test_who_waits_in_the_queue_is_taken_in_once(listener):
    with client(listener), client(listener):
        taken = list(queued(listener))
        assert len(taken) == 2
        assert list(queued(listener)) == []
        for one in taken:
            one.close()


@linux
def test_a_deaf_listener_keeps_who_waits_and_lets_nobody_new_in(listener):
    with client(listener) as early:
        deafen(listener)
        with socket.socket() as late:
            late.settimeout(0.3)
            with pytest.raises(TimeoutError):
                late.connect(listener.getsockname())
        (taken,) = queued(listener)
        with taken:
            early.sendall(b"served")
            assert taken.recv(16) == b"served"


@linux
def test_who_came_too_late_is_refused_and_not_reset(listener):
    deafen(listener)
    with socket.socket() as late:
        late.setblocking(False)
        late.connect_ex(listener.getsockname())
        listener.close()
        select.select([], [late], [], 5)
        assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED


@linux
@pytest.mark.parametrize("held", [True, False])
def test_a_listener_goes_on_as_long_as_the_parent_that_gave_it_holds_it(listener, held):
    code = (
        "import socket, sys; from gateway.server.closing import goes_on; sys.stdin.read()\n"
        "print(goes_on(socket.socket(fileno=int(sys.argv[1]))))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(listener.fileno())],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[listener.fileno()], text=True,
    )  # fmt: skip
    if not held:
        listener.close()
    said, _ = child.communicate("", 10)
    assert said == f"{held}\n"


def test_a_listener_that_no_parent_gave_goes_on_nowhere(listener):
    assert not goes_on(listener)
