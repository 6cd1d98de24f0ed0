"""What a path below a provider may hold, wherever it was written: in a URL, or in the body of a universal call."""

import re
from typing import Final

# Also percent-encoded: a provider that decodes before it resolves would leave its fixed prefix (RFC 3986, 6.2.2).
DOTS: Final = re.compile(rb"(?:^|[/\\]|%2f)(?:\.|%2e){1,2}(?:$|[/\\;?#]|%2f|%3b)|%5c", re.IGNORECASE)
BAD: Final = re.compile(rb"[\x00-\x20\x7f-\xff\\]|%00|%0d|%0a", re.IGNORECASE)


def unclear(path: bytes) -> bool:
    """Whether a path, or a query, could mean two things: by dot segments, plain or encoded, or bytes no URL holds."""
    return bool(DOTS.search(path) or BAD.search(path))
