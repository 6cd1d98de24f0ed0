"""Where counts and kept answers live: in this process, or in Redis for all replicas; one protocol for both."""

from importlib.util import find_spec

from gateway.stores.address import parse
from gateway.stores.memory import SIZE, Memory
from gateway.stores.store import Store


def opened(url: str, *, size: int = SIZE, ca_file: str | None = None) -> Store:
    """The store that `server.state` names (see `gateway.stores.address`); nothing is connected before it is asked.

    `size` bounds the bytes kept in memory. Raises ValueError with a sentence that `problem` would have said.
    """
    if url == "memory":
        return Memory(size)
    sentence = problem(url)
    if sentence:
        raise ValueError(sentence)
    from gateway.stores.redis import RedisStore  # noqa: PLC0415 - only with the extra `redis`, and then not light

    return RedisStore(parse(url), ca_file)


def problem(url: str) -> str:
    """Why no store can be opened so, as a sentence without the URL itself; nothing where one can."""
    if url == "memory":
        return ""
    try:
        address = parse(url)
        for name in address.files.values():
            open(name, "rb").close()
    except ValueError as error:
        return f"server.state {error}."
    except OSError as error:
        return f"server.state names the file {error.filename}, which cannot be read: {error.strerror}."
    if find_spec("redis") is None:
        return "server.state needs an extra that is not installed: pip install 'gateway[redis]'."
    return ""
