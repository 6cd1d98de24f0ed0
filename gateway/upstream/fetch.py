"""One small request of the gateway's own, such as Google's token exchange: bounded in size and in time."""

import httpx2

from gateway.call import Headers
from gateway.providers.outbound import Fetch

LARGEST = 65536
TIMEOUT = {"connect": 5.0, "first_byte": 15.0, "idle": 15.0, "total": 30.0, "pool": 5.0}


def fetch_over(transport: httpx2.AsyncBaseTransport) -> Fetch:
    """A Fetch that goes out over `transport`; an unreachable host is a 502, a late one a 504."""

    async def fetch(method: str, url: str, headers: Headers, body: bytes) -> tuple[int, bytes]:
        """Status and body of one exchange within TIMEOUT; of httpx2's errors none gets out."""
        try:
            request = httpx2.Request(method, url, headers=headers, content=body)
            request.extensions = {"timeout": TIMEOUT, "body": body}
            response = await transport.handle_async_request(request)
        except httpx2.TimeoutException:
            return 504, b""
        except (httpx2.TransportError, httpx2.InvalidURL):
            return 502, b""
        return await short(response)

    return fetch


async def short(response: httpx2.Response) -> tuple[int, bytes]:
    """The status and the body, up to 64 KiB; a body that breaks off is a 502."""
    read = bytearray()
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    try:
        async for chunk in stream:
            read += chunk
            if len(read) > LARGEST:
                return 502, b""
    except httpx2.TransportError:
        return 502, b""
    finally:
        await stream.aclose()
    return response.status_code, bytes(read)
