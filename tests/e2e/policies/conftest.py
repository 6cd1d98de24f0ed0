import pytest

from tests.stores.servers import Server


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """A Redis of the module's own."""
    server = Server(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()
