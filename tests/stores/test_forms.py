"""The ways to reach Redis: with a password, with TLS, as a cluster; and what an address may say."""

import asyncio
import time

import pytest
import trustme

from gateway.stores import opened, problem
from gateway.stores.address import parse
from gateway.stores.memory import Memory
from gateway.stores.store import Claim, StoreLost
from tests.stores.servers import Server, free_port

CLAIMS = [Claim("acme/production:one", 5, 1, 60.0, "sliding"), Claim("acme/production:two", 5, 1, 60.0, "concurrent")]


async def all_of_it(store):
    """Every operation once."""
    held = await store.reserve(CLAIMS)
    assert held.left == (4, 4)
    await store.settle(CLAIMS, held.receipt, (3, 0))
    assert (await store.reserve(CLAIMS)).left == (1, 4)
    for number in range(30):
        await store.put(f"cache:{number}", b"%d" % number, 60)
    await store.put("kept*", b"x" * 25_000_000, 60)
    assert await store.get("cache:7") == b"7"
    assert await store.drop("cache:") == 30
    assert await store.get("cache:7") is None
    assert await store.drop("k?pt*") == await store.drop("[k]") == 0
    assert len(await store.get("kept*")) == 25_000_000
    await store.aclose()


def test_memory():
    asyncio.run(all_of_it(opened("memory")))


def test_redis(server):
    asyncio.run(all_of_it(opened(server.url())))


def test_a_password_and_a_database(tmp_path):
    server = Server(tmp_path, "--requirepass", "s3cr:t@/").start()
    try:
        url = f"redis://:s3cr%3At%40%2F@127.0.0.1:{server.port}/2?timeout=2000"
        asyncio.run(all_of_it(opened(url)))
        with pytest.raises(StoreLost, match="AuthenticationError") as raised:
            asyncio.run(opened(url.replace("s3cr", "wrong")).reserve(CLAIMS))
        assert "wrong" not in str(raised.value)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    return folder


def with_tls(authority, clients):
    return (
        "--tls-cert-file", str(authority / "cert.pem"), "--tls-key-file", str(authority / "key.pem"),
        "--tls-ca-cert-file", str(authority / "ca.pem"), "--tls-auth-clients", clients,
    )  # fmt: skip


def test_tls_believes_the_authority_it_is_given_and_no_other(tmp_path, authority):
    port = free_port()
    server = Server(tmp_path, "--tls-port", str(port), *with_tls(authority, "no"), port=0)
    server.port = 0
    server.start()
    try:
        url = f"rediss://127.0.0.1:{port}/0?timeout=2000"
        asyncio.run(all_of_it(opened(url, ca_file=str(authority / "ca.pem"))))
        with pytest.raises(StoreLost):
            asyncio.run(opened(url).reserve(CLAIMS))
    finally:
        server.stop()


def test_tls_with_a_certificate_of_the_client(tmp_path, authority):
    port = free_port()
    server = Server(tmp_path, "--tls-port", str(port), *with_tls(authority, "yes"), port=0)
    server.port = 0
    server.start()
    files = f"ca_file={authority}/ca.pem&cert_file={authority}/cert.pem&key_file={authority}/key.pem"
    try:
        asyncio.run(all_of_it(opened(f"rediss://127.0.0.1:{port}?timeout=2000&{files}")))
    finally:
        server.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    nodes = [
        Server(
            tmp_path_factory.mktemp("node"), "--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
            "--cluster-require-full-coverage", "no",
        )
        for _ in range(3)
    ]  # fmt: skip
    for at, node in enumerate(nodes):
        while node.port > 50000:  # a node's second port is 10000 higher
            node.port = free_port() - 10000
        node.start()
        node.ask("CLUSTER", "ADDSLOTSRANGE", at * 5461 + (at > 0), min(16383, (at + 1) * 5461))
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
    for node in nodes[1:]:
        node.ask("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
    until = time.monotonic() + 20
    while not all(
        b"cluster_state:ok" in (said := node.ask("CLUSTER", "INFO")) and b"cluster_slots_assigned:16384" in said
        for node in nodes
    ):
        assert time.monotonic() < until
        time.sleep(0.1)
    yield nodes
    for node in nodes:
        node.stop()


def test_a_cluster(cluster):
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in cluster)

    async def play():
        await all_of_it(opened(f"redis+cluster://{hosts}?timeout=2000"))
        store = opened(f"redis+cluster://127.0.0.1:{cluster[0].port}?timeout=2000")
        for number in range(20):  # gateways on all of the nodes
            claims = [Claim(f"acme/g{number}:{name}", 1, 1, 60.0, "fixed") for name in "abc"]
            assert [(await store.reserve(claims)).granted for _ in range(2)] == [True, False]
        await store.aclose()

    asyncio.run(play())
    assert all(b"gateway:" in node.ask("KEYS", "gateway:n:*") for node in cluster)


def test_a_cluster_whose_node_hangs_loses_its_calls_and_recovers(cluster):
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in cluster)

    async def play():
        store = opened(f"redis+cluster://{hosts}?timeout=300")

        async def lost(number):
            try:
                await store.reserve([Claim(f"acme/h{number}:a", 10**6, 1, 60.0)])
            except StoreLost:
                return True
            return False

        assert not any([await lost(number) for number in range(20)])
        cluster[2].hang()
        assert any(await asyncio.gather(*(lost(number) for number in range(20))))
        cluster[2].wake()
        until = time.monotonic() + 15
        while any([await lost(number) for number in range(20)]):
            assert time.monotonic() < until
            await asyncio.sleep(0.1)
        await store.aclose()

    asyncio.run(play())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://h", "h:6379"),
        ("rediss://u:p@h.example.com:1/2?prefix=ours:&timeout=250&connections=4", "h.example.com:1"),
        ("redis://[::1]:7000", "::1:7000"),
        ("redis+cluster://a:1,b:2,c", "a:1, b:2, c:6379"),
        ("rediss+cluster://:hunter2@a:1,b:2", "a:1, b:2"),
    ],
)
def test_addresses(url, says):
    assert repr(parse(url)) == f"Address({says})"
    assert problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "", "redis", "memory://", "http://:hunter2@h", "redis://", "redis://:hunter2@", "redis://:hunter2@h:99999",
        "redis://:hunter2@h/x", "redis://:hunter2@a,b", "redis+cluster://:hunter2@a,,b", "redis+cluster://:hunter2@a/1",
        "redis://:hunter2@h?hunter2=1", "redis://:hunter2@h?timeout=0", "redis://:hunter2@h?timeout=1&timeout=2",
        "redis://:hunter2@h?ca_file=/x", "redis://:hunter2@h?prefix=*", "redis://hunter2@h@i", "redis://h#hunter2",
        "redis://:hunter2@h o", "REDIS://:hunter2@h", "redis://:hunter2@h\n",
    ],
)  # fmt: skip
def test_addresses_that_are_none_are_refused_without_being_shown(url):
    assert problem(url).startswith("server.state ")
    assert "hunter2" not in problem(url)
    with pytest.raises(ValueError) as raised:
        opened(url)
    assert "hunter2" not in str(raised.value)


def test_files_that_cannot_be_read_are_found_before_anything_connects():
    assert problem("rediss://:hunter2@h?ca_file=/nowhere.pem") == (
        "server.state names the file /nowhere.pem, which cannot be read: No such file or directory."
    )


def test_the_size_bounds_memory_alone():
    store = opened("memory", size=1000)
    assert isinstance(store, Memory)
    assert not store.shared
    assert opened("redis://h").shared


def test_nothing_that_a_store_is_made_of_shows_its_password():
    store = opened("redis://user:hunter2@h")
    made = [store, store.link, store.link.breaker, store.link._client, store.link._address]
    assert "hunter2" not in repr(made)
