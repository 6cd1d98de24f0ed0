"""What `server.state` says, taken apart: `memory`, or where Redis is and how it is spoken to.

    redis://[user:password@]host[:port][/database][?option=value&...]      rediss:// with TLS
    redis+cluster://[user:password@]host[:port][,host[:port]...][?...]     rediss+cluster:// with TLS

Options: `prefix` of all keys (gateway:), `timeout` of an operation in milliseconds (100), `connections` (16); with TLS
`ca_file`, and `cert_file` with `key_file` for a client's certificate.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote

import msgspec

URL: Final = re.compile(
    r"(?P<scheme>rediss?(?:\+cluster)?)://(?:(?P<user>[^@/?#:]*)(?::(?P<password>[^@/?#]*))?@)?"
    r"(?P<hosts>[^@/?#]+)(?:/(?P<database>[0-9]{0,4}))?(?:\?(?P<options>[^#]*))?"
)
HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
OPTIONS: Final = {
    "prefix": re.compile(r"[A-Za-z0-9._:/-]{1,64}"),
    "timeout": re.compile(r"[1-9][0-9]{0,4}"),
    "connections": re.compile(r"[1-9][0-9]{0,2}"),
    "ca_file": re.compile(r"[^\x00]+"),
    "cert_file": re.compile(r"[^\x00]+"),
    "key_file": re.compile(r"[^\x00]+"),
}
PORT: Final = 6379


class Address(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """Where Redis is. Its repr has no password."""

    hosts: tuple[tuple[str, int], ...]
    cluster: bool = False
    tls: bool = False
    database: int = 0
    prefix: str = "gateway:"
    timeout: float = 0.1
    connections: int = 16
    files: dict[str, str] = {}
    credentials: tuple[str | None, str | None] = (None, None)

    def __repr__(self) -> str:
        return f"Address({', '.join(f'{host}:{port}' for host, port in self.hosts)})"


def parse(url: str) -> Address:
    """An address from its URL; raises ValueError, with a sentence that does not show the URL."""
    found = URL.fullmatch(url)
    if found is None:
        raise ValueError(
            "is neither `memory` nor a URL such as redis://host:6379/0, and may hold a password: not shown"
        )
    cluster, tls = found["scheme"].endswith("+cluster"), found["scheme"].startswith("rediss")
    database = int(found["database"] or 0)
    if cluster and database:
        raise ValueError("names a database, but a Redis cluster has only one: leave out what follows the host")
    options = chosen(found["options"] or "")
    files = {name: value for name, value in options.items() if name.endswith("_file")}
    if files and not tls:
        raise ValueError(f"has `{next(iter(files))}`, which needs rediss://")
    return Address(
        hosts(found["hosts"], cluster=cluster),
        cluster,
        tls,
        database,
        options.get("prefix", "gateway:"),
        int(options.get("timeout", 100)) / 1000,
        int(options.get("connections", 16)),
        files,
        (unquote(found["user"] or "") or None, unquote(found["password"] or "") or None),
    )


def hosts(written: str, *, cluster: bool) -> tuple[tuple[str, int], ...]:
    """Names and ports; only a cluster has more than one."""
    matches = [HOST.fullmatch(one) for one in written.split(",")]
    read = tuple((one[1].strip("[]"), int(one[2] or PORT)) for one in matches if one is not None)
    if len(read) != len(matches) or not all(0 < port < 65536 for _, port in read):
        raise ValueError("has a host or a port that cannot be one")
    if len(read) > 1 and not cluster:
        raise ValueError("has several hosts: only redis+cluster:// and rediss+cluster:// may")
    return read


def chosen(query: str) -> dict[str, str]:
    """The options behind the question mark."""
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in OPTIONS:
            raise ValueError(f"has an option that there is not; there are {', '.join(OPTIONS)}")
        if name in options or not OPTIONS[name].fullmatch(value):
            raise ValueError(f"has a `{name}` that cannot be one")
        options[name] = value
    return options
