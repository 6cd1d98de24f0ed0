"""Small fields of a multipart/form-data body (RFC 7578), found without taking the files in it apart."""

import re
from typing import Final

PARTS: Final = 64
"""Parts looked at; the forms of audio and image endpoints have a dozen."""
HEAD: Final = 4096
"""Bytes a part's head may have."""
LONGEST: Final = 256
"""Bytes of a field's value; a longer one is no model's name."""

BOUNDARY: Final = re.compile(rb';\s?boundary=(?:"([^"\r\n]{1,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
NAME: Final = re.compile(
    rb'^content-disposition:[^\r\n]{0,200}?[;\s]name="?([^"\r\n;]{1,64})', re.IGNORECASE | re.MULTILINE
)


def fields(content_type: bytes, body: bytes, wanted: frozenset[bytes]) -> dict[bytes, str]:
    """The first value of each of the `wanted` fields; time grows with the body's length and no faster."""
    boundary = BOUNDARY.search(content_type[:512])
    if boundary is None:
        return {}
    mark = b"--" + (boundary[1] or boundary[2])
    found: dict[bytes, str] = {}
    at = body.find(mark)
    for _ in range(PARTS):
        start = at + len(mark)
        end = body.find(b"\r\n\r\n", start, start + HEAD) if at >= 0 else -1
        if end < 0 or body.startswith(b"--", start):
            break
        # An empty part's blank line is at the same time the line break before the next mark.
        at = body.find(b"\r\n" + mark, end + 2)
        if at < 0:
            break
        name = NAME.search(body, start, end)
        if name is not None and name[1] in wanted and at - end - 4 <= LONGEST:
            found.setdefault(name[1], body[end + 4 : at].decode("utf-8", "replace"))
            if len(found) == len(wanted):
                break
        at += 2
    return found
