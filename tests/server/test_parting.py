"""The ends of a connection, as the other side sees them."""

import asyncio

import pytest
import uvloop

from gateway.server.limits import Options, Worker
from gateway.server.parting import Parting


class Plain(Parting):
    """A connection that only writes, and is cut where its deadline passes."""

    def connection_made(self, transport):
        self.loop, self.transport, self.got = asyncio.get_running_loop(), transport, b""
        self.worker = Worker(Options())

    def data_received(self, data):
        self.got += data

    def connection_lost(self, exc):
        self.close()

    def late(self):
        self.transport.abort()


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request):
    return uvloop.run if request.param == "uvloop" else asyncio.run


async def ended(how, *, then=b"", soon=0):
    """What a client reads of a connection that writes, `soon` bytes at the end of the turn, and ends so; `then` is
    what the client sends after that."""
    made = []
    server = await asyncio.get_running_loop().create_server(lambda: made.append(Plain()) or made[-1], "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await asyncio.sleep(0.01)
        made[0].write(b"x" * 100_000)
        made[0].write_soon(b"y" * soon)
        how(made[0])
        if then:
            writer.write(then)
            await asyncio.sleep(0.02)
        try:
            return await asyncio.wait_for(reader.read(), 2), made[0]
        except ConnectionResetError:
            return "reset", made[0]
        finally:
            writer.close()
            await asyncio.sleep(0.01)


def test_what_was_written_goes_out_before_a_connection_is_hung_up(run):
    got, one = run(ended(Plain.hang_up))
    assert got == b"x" * 100_000
    assert one.deaf


def test_a_lingering_close_reads_on_so_that_the_client_sees_the_answer_and_no_reset(run):
    got, one = run(ended(Plain.linger, then=b"more of a body that nobody wants" * 1000))
    assert got == b"x" * 100_000
    assert one.deaf


def test_a_lingering_close_lets_a_paused_connection_read_again(run):
    def paused(one):
        one.paused = True
        one.transport.pause_reading()
        one.linger()

    got, one = run(ended(paused, then=b"x" * 1000))
    assert got == b"x" * 100_000
    assert one.got == b"x" * 1000
    assert not one.paused


def test_a_reset_is_seen_as_one(run):
    got, one = run(ended(Plain.reset))
    assert got == "reset"
    assert one.deaf


def test_ending_twice_is_as_ending_once(run):
    def twice(one):
        one.hang_up()
        one.hang_up()
        one.linger()
        one.go_on()
        one.write(b"unheard")

    assert run(ended(twice))[0] == b"x" * 100_000


@pytest.mark.parametrize("soon", [10, 100_000])
@pytest.mark.parametrize("how", [Plain.hang_up, Plain.linger])
def test_what_waits_for_the_end_of_a_turn_goes_out_before_the_end_of_its_connection(run, how, soon):
    got, _ = run(ended(how, soon=soon))
    assert got == b"x" * 100_000 + b"y" * soon


def test_what_is_written_at_once_stands_behind_what_waits(run):
    def how(one):
        one.write(b"z")
        one.write_soon(b"end")
        one.hang_up()

    got, _ = run(ended(how, soon=10))
    assert got == b"x" * 100_000 + b"y" * 10 + b"zend"


def test_what_waits_leaves_without_anybody_saying_so(run):
    async def story():
        made = []
        server = await asyncio.get_running_loop().create_server(
            lambda: made.append(Plain()) or made[-1], "127.0.0.1", 0
        )
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await asyncio.sleep(0.01)
            made[0].write_soon(b"a")
            made[0].write_soon(b"b")
            got = await asyncio.wait_for(reader.readexactly(2), 1)
            writer.close()
            return got

    assert run(story()) == b"ab"
