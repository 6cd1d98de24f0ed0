"""The way to Redis: few connections, short deadlines, and a breaker before them; redis-py's asyncio client is below.

Whatever goes wrong is a StoreLost without the client's own words, as those may show addresses, keys or passwords.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from redis.asyncio import ConnectionPool, Redis, RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, ReadOnlyError, RedisError, ResponseError

from gateway.stores.address import Address
from gateway.stores.breaker import Breaker
from gateway.stores.scripts import Script
from gateway.stores.store import StoreLost

Client: TypeAlias = Redis | RedisCluster
Words: TypeAlias = tuple[str | bytes | int, ...]

log = logging.getLogger("gateway.stores")

QUEUE: Final = 4
"""So many deadlines long a caller waits for its turn, where all connections are busy."""


class Link:
    """Asks Redis one thing at a time on each of its connections."""

    def __init__(self, address: Address, ca_file: str | None = None) -> None:
        self.breaker = Breaker()
        self._address, self._ca_file = address, ca_file
        self._turns = asyncio.Semaphore(address.connections)
        self._client = connected(address, ca_file)
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self, script: Script, keys: list[str], words: Words) -> Any:  # noqa: ANN401 - hostile until checked
        """A script by its name, or with its text where a restarted Redis does not know it."""
        try:
            return await self.ask("EVALSHA", script.sha, len(keys), *keys, *words)
        except Unknown:
            return await self.ask("EVAL", script.text, len(keys), *keys, *words)

    async def ask(self, *words: str | bytes | int, longer: float = 0.0) -> Any:  # noqa: ANN401 - as above
        """One command; `longer` is added to its deadline."""
        return await self.guard(lambda client: client.execute_command(*words), longer)

    async def guard(self, work: Callable[[Client], Awaitable[Any]], longer: float = 0.0) -> Any:  # noqa: ANN401
        """Do something with the client when it is our turn, unless Redis is taken to be gone."""
        if self.breaker.open:
            raise StoreLost("Redis did not answer lately")
        await self._turn()
        try:
            if not self.breaker.enters():
                raise StoreLost("Redis did not answer lately")
            return await self._tried(work, self._address.timeout + longer)
        finally:
            self._turns.release()

    async def _turn(self) -> None:
        """Wait for a connection; having waited in vain counts as a loss, as Redis is too slow for what is asked."""
        if not self._turns.locked():
            await self._turns.acquire()
            return
        try:
            async with asyncio.timeout(QUEUE * self._address.timeout):
                await self._turns.acquire()
        except TimeoutError:
            self._lost("too slow")
            raise StoreLost("Redis is too slow for what is asked of it") from None

    async def _tried(self, work: Callable[[Client], Awaitable[Any]], seconds: float) -> Any:  # noqa: ANN401
        """The answer; whoever is cancelled while waiting says nothing about Redis."""
        try:
            async with Deadline(seconds):
                answer = await work(self._client)
        except NoScriptError:
            self._won()
            raise Unknown from None
        except ResponseError as error:
            if "READONLY" in str(error) or isinstance(error, ReadOnlyError):
                self._lost(kind(error))  # it is no longer the primary: a new connection may find the one that is
            else:
                self._won()
            raise StoreLost(f"Redis refused: {kind(error)}") from None
        except Exception as error:  # noqa: BLE001 - a garbled answer makes the client raise anything
            self._lost(kind(error))
            raise StoreLost(f"Redis did not answer: {kind(error)}") from None
        except BaseException as end:
            if isinstance(end, asyncio.CancelledError) and stray():
                self._lost("cancelled")
                raise StoreLost("Redis did not answer: its connection was closed") from None
            self.breaker.left()
            raise
        self._won()
        return answer

    def _won(self) -> None:
        """Tell the breaker, and whoever reads the log where it had opened."""
        if self.breaker.won():
            log.warning("Redis answers again")

    def _lost(self, why: str) -> None:
        """Tell the breaker; when it opens the client begins anew, as its addresses and its connections may be old."""
        if not self.breaker.lost():
            return
        log.warning("Redis does not answer (%s): it is tried again every second", why)
        old, self._client = self._client, connected(self._address, self._ca_file)
        retiring = asyncio.get_running_loop().create_task(self._retire(old))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def _retire(self, old: Client) -> None:
        """Close a client when all who still ask it have reached their deadline."""
        await asyncio.sleep(2 * self._address.timeout)
        await closed(old)

    async def aclose(self) -> None:
        """Close every connection."""
        await closed(self._client)
        await asyncio.gather(*self._retiring)


class Unknown(StoreLost):
    """Redis has no script of this name; a loss only where it is given the text and says so still."""


class Deadline:
    """A timeout a turn of the loop late: where the loop itself was late, what came meanwhile is read first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        self._timer = loop.call_at(end, self._timeout.reschedule, end)

    async def __aexit__(self, *raised: Any) -> None:  # noqa: ANN401 - as any context's
        self._timer.cancel()
        await self._timeout.__aexit__(*raised)


def stray() -> bool:
    """Whether a cancellation that was just caught is nobody's wish that this task end.

    All who wait for a stream of asyncio's to close wait for one future; where one of them is cancelled, so are all.
    """
    task = asyncio.current_task()
    return task is not None and not task.cancelling()


def kind(error: Exception) -> str:
    """What sort of error, in a word that is nobody's secret."""
    return type(error).__name__


def connected(address: Address, ca_file: str | None) -> Client:
    """A client that connects when it is first asked, and never asks twice: a count must not be taken twice."""
    user, password = address.credentials
    options: dict[str, Any] = {"username": user, "password": password, "protocol": 2, "driver_info": None}
    options["retry"] = Retry(NoBackoff(), 0)
    if address.tls:
        options["ssl_ca_certs"] = address.files.get("ca_file", ca_file)
        options["ssl_certfile"] = address.files.get("cert_file")
        options["ssl_keyfile"] = address.files.get("key_file")
    if address.cluster:
        return clustered(address, options)
    host, port = address.hosts[0]
    if address.tls:
        options["connection_class"] = SSLConnection
    pool = ConnectionPool(host=host, port=port, db=address.database, max_connections=2 * address.connections, **options)
    return Redis.from_pool(pool)


def clustered(address: Address, options: dict[str, Any]) -> RedisCluster:
    """The cluster's client: a node that hangs is left in a third of the deadline, so that another may be asked."""
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
        require_full_coverage=False,
        socket_timeout=address.timeout / 3,
        socket_connect_timeout=address.timeout / 3,
        ssl=address.tls,
        **options,
    )


async def closed(client: Client) -> None:
    """Close a client, whatever it says to that; a cluster's would do nothing while it is about to begin anew."""
    nodes = client.nodes_manager if isinstance(client, RedisCluster) else None
    try:
        async with asyncio.timeout(1):
            await client.aclose()
            if nodes is not None:
                await nodes.aclose()
                await nodes.aclose("startup_nodes")
    except (RedisError, OSError, TimeoutError):
        return
    except asyncio.CancelledError:
        if not stray():
            raise
