"""HTTP/1.1 to providers: httptools on the loop's own connections, behind httpx2's transport interface.

From the outside in:

    transport.Transport     httpx2's interface; finds the pool, repeats a call whose kept connection had died
    pool.Pool               one origin's connections: which is free, who waits, which is too old
    connection.Connection   one socket: deadlines, flow control, its end
    reading.Reading         llhttp's callbacks: what may be believed of an answer's head
    outgoing, sending       a request as bytes, and how a large one goes out
    body.Body               an answer's body as an async iterator
"""

from gateway.upstream.http1.limits import Limits
from gateway.upstream.http1.transport import Transport

__all__ = ["Limits", "Transport"]
