"""The measure of all rows: a bare Starlette route that reads a body and answers 800 bytes of JSON."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b'{"answer": "' + b"x" * 786 + b'"}'


async def bare(request: Request) -> Response:
    """Read everything, say the same every time."""
    await request.body()
    return Response(BODY, media_type="application/json")


app = Starlette(routes=[Route("/v1/{account}/{gateway}/{provider}/{path:path}", bare, methods=["POST"])])
