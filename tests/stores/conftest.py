import pytest

from tests.stores.servers import Server


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server):
    """A Redis with nothing in it."""
    shared_server.ask("FLUSHALL")
    return shared_server


@pytest.fixture
def own(tmp_path):
    """A Redis that a test may kill."""
    server = Server(tmp_path).start()
    yield server
    server.stop()
