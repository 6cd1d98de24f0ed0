"""Heads and bodies that can be read in two ways, or in none, and the status of the one answer each gets."""

from tests.server.raw import PATH, get, post

CLOSE = "Connection: close"


def line(*lines: str) -> bytes:
    """A request with exactly these lines, without a body."""
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunked(body: bytes, coding: str = "Transfer-Encoding: chunked", *lines: str) -> bytes:
    return line(f"POST {PATH} HTTP/1.1", "Host: a", coding, *lines) + body


def length(*values: str) -> bytes:
    return line(f"POST {PATH} HTTP/1.1", "Host: a", *(f"Content-Length: {value}" for value in values)) + b"{}"


SMUGGLED = b"GET /v1/acme/main/openai/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

FRAMING = {
    "a length beside chunks": (
        chunked(b"0\r\n\r\n" + SMUGGLED, "Content-Length: 4\r\nTransfer-Encoding: chunked"),
        400,
    ),
    "chunks beside a length": (
        chunked(b"0\r\n\r\n" + SMUGGLED, "Transfer-Encoding: chunked\r\nContent-Length: 4"),
        400,
    ),
    "two lengths": (length("2", "3"), 400),
    "two lengths alike": (length("2", "2"), 400),
    "a list of lengths": (length("2, 2"), 400),
    "a negative length": (length("-1"), 400),
    "a signed length": (length("+2"), 400),
    "a hexadecimal length": (length("0x2"), 400),
    "a length of nothing": (length(""), 400),
    "a length with a blank in it": (length("1 2"), 400),
    "a length over 64 bits": (length("9" * 30), 400),
    "a length over the limit": (length("99999999"), 413),
    "a length with an underscore": (length("1_0"), 400),
    "a length of Arabic digits": (length("\xd9\xa2"), 400),
    "a coding that is none": (chunked(b"0\r\n\r\n", "Transfer-Encoding: xchunked"), 400),
    "chunked twice in one line": (chunked(b"0\r\n\r\n", "Transfer-Encoding: chunked, chunked"), 400),
    "chunked twice in two lines": (
        chunked(b"0\r\n\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        400,
    ),
    "gzip, then chunked": (chunked(b"0\r\n\r\n", "Transfer-Encoding: gzip, chunked"), 400),
    "chunked, then identity": (chunked(b"0\r\n\r\n", "Transfer-Encoding: chunked, identity"), 400),
    "identity": (chunked(b"", "Transfer-Encoding: identity"), 400),
    "a coding in quotes": (chunked(b"0\r\n\r\n", 'Transfer-Encoding: "chunked"'), 400),
    "a vertical tab before the coding": (chunked(b"0\r\n\r\n", "Transfer-Encoding: \x0bchunked"), 400),
    "a blank before the coding's colon": (chunked(b"0\r\n\r\n", "Transfer-Encoding : chunked"), 400),
    "a coding on a folded line": (chunked(b"0\r\n\r\n", "Transfer-Encoding:\r\n chunked"), 400),
    "chunks in HTTP/1.0": (
        line(f"POST {PATH} HTTP/1.0", "Host: a", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        400,
    ),
    "a chunk of 0x10": (chunked(b"0x10\r\n" + b"a" * 16 + b"\r\n0\r\n\r\n"), 400),
    "a chunk of -1": (chunked(b"-1\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk of more than 64 bits": (chunked(b"f" * 17 + b"\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk without its end": (chunked(b"2\r\nabab\r\n0\r\n\r\n"), 400),
    "a chunk that ends in LF": (chunked(b"2\nab\r\n0\r\n\r\n"), 400),
    "a chunk with a blank before its size": (chunked(b" 2\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk with no size": (chunked(b"\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk's extension with an LF in it": (chunked(b"2;a\nb\r\nab\r\n0\r\n\r\n"), 400),
    "an extension without end": (chunked(b"2;" + b"a" * 200_000), 431),
    "trailers without end": (chunked(b"0\r\n" + b"x: y\r\n" * 40_000), 431),
    "a trailer without end": (chunked(b"0\r\nx: " + b"y" * 200_000), 431),
    "a trailer that is none": (chunked(b"0\r\nx y\r\n\r\n"), 400),
}

HEADS = {
    "a folded line": (get("/healthz", "X: a\r\n b"), 400),
    "a blank before a colon": (get("/healthz", "X : a"), 400),
    "a tab before a colon": (get("/healthz", "X\t: a"), 400),
    "a line without a colon": (get("/healthz", "X"), 400),
    "a header without a name": (get("/healthz", ": a"), 400),
    "bare CR": (b"GET /healthz HTTP/1.1\rHost: a\r\r", 400),
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "bare LF after a header": (b"GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    "NUL in a value": (get("/healthz", "X: a\0b"), 400),
    "NUL in a name": (get("/healthz", "X\0: b"), 400),
    "a control character in a value": (get("/healthz", "X: a\x01b"), 400),
    "DEL in a value": (get("/healthz", "X: a\x7fb"), 400),
    "bare CR in a value": (get("/healthz", "X: a\rb"), 400),
    "no Host": (line("GET /healthz HTTP/1.1"), 400),
    "two Hosts": (get("/healthz", "Host: b"), 400),
    "two Hosts alike": (get("/healthz", "Host: a"), 400),
    "an empty Host": (line("GET /healthz HTTP/1.1", "Host:"), 400),
    "a Host with a path": (line("GET /healthz HTTP/1.1", "Host: a/v1/acme/main/openai"), 400),
    "a Host with a question mark": (line("GET /healthz HTTP/1.1", "Host: a?x"), 400),
    "a Host with a name and password": (line("GET /healthz HTTP/1.1", "Host: u:p@a"), 400),
    "a Host with blanks": (line("GET /healthz HTTP/1.1", "Host: a b"), 400),
    "a Host with a fragment": (line("GET /healthz HTTP/1.1", "Host: a#"), 400),
    "a whole URL on another host": (line("GET http://b/healthz HTTP/1.1", "Host: a"), 400),
    "a whole URL on a host that begins alike": (line("GET http://ab/healthz HTTP/1.1", "Host: a"), 400),
    "a whole URL on this host": (line("GET http://a/healthz HTTP/1.1", "Host: a", CLOSE), 200),
    "a URL of another scheme": (line("GET file:///etc/passwd HTTP/1.1", "Host: a"), 400),
    "CONNECT": (line("CONNECT b:443 HTTP/1.1", "Host: b:443"), 400),
    "CONNECT to a path": (line("CONNECT /healthz HTTP/1.1", "Host: a"), 400),
    "OPTIONS *": (line("OPTIONS * HTTP/1.1", "Host: a"), 400),
    "a target without a slash": (line("GET healthz HTTP/1.1", "Host: a"), 400),
    "a target with a fragment": (get("/healthz#x"), 400),
    "a target with a backslash": (get("\\healthz"), 400),
    "a target with a blank": (get("/health z"), 400),
    "a target with bytes over 127": (get("/health\xffz"), 400),
    "a target with NUL": (get("/health\0z"), 400),
    "a target of 20,000 bytes": (get("/" + "a" * 20_000), 414),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 505),
    "HTTP/1.2": (line("GET /healthz HTTP/1.2", "Host: a"), 400),
    "HTTP/2.0": (line("GET /healthz HTTP/2.0", "Host: a"), 505),
    "HTTP/1.10": (line("GET /healthz HTTP/1.10", "Host: a"), 400),
    "lower-case http": (line("GET /healthz http/1.1", "Host: a"), 400),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x42" * 32, 400),
    "an unknown method": (line("HACK /healthz HTTP/1.1", "Host: a"), 400),
    "a method in lower case": (line("get /healthz HTTP/1.1", "Host: a"), 400),
    "garbage": (b"\xff" * 100, 400),
    "an answer": (b"HTTP/1.1 200 OK\r\n\r\n", 400),
    "201 headers": (get("/healthz", *(f"X-{n}: y" for n in range(200))), 431),
    "a header of 65 KiB": (get("/healthz", "X: " + "y" * 66_560), 431),
    "a header's name of 65 KiB": (get("/healthz", "x" * 66_560 + ": y"), 431),
    "a target of 65 KiB": (get("/" + "a" * 66_560), 414),
    "lines of 65 KiB": (get("/healthz", *("X: " + "y" * 1024 for _ in range(65))), 431),
    "blank lines before a request": (b"\r\n\r\n" + get("/healthz", CLOSE), 200),
    "a value of bytes over 127": (get("/healthz", "X: \xff\xfe", CLOSE), 200),
    "TRACE": (line("TRACE /healthz HTTP/1.1", "Host: a", CLOSE), 405),
    "an expectation that is none": (post(b"{}", "Expect: miracles", CLOSE), 200),
    "an upgrade to WebSocket": (get("/healthz", "Connection: upgrade", "Upgrade: websocket"), 200),
}
