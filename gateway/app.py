"""The ASGI application: calls go to the edge, everything else to a few Starlette routes."""

import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.call import Refusal
from gateway.dialects import errors
from gateway.edge.edge import Edge
from gateway.process import Process

log = logging.getLogger("gateway.app")

PREFIX: Final = b"/v1/"
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


class Application:
    """What the server calls. A call is known by its raw path before any routing: that saves a Starlette route."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.edge: Edge = process.edge
        self.rest = Starlette(
            routes=[
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", self.metrics),
            ],
            exception_handlers={HTTPException: self.not_found},
            lifespan=self.lifespan,
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, or the lifespan; no coroutine of its own, which every step of a stream would pass."""
        if scope["type"] == "http" and scope["raw_path"].startswith(PREFIX):
            return self.edge(scope, receive, send)
        return self.rest(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Open what needs a running loop, and close it when the server is done."""
        async with self.process.running():
            yield

    async def healthz(self, request: Request) -> Response:
        """Whether the event loop turns: nothing else, so that no provider can make an orchestrator kill us."""
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        """Whether new calls should come here: not while draining."""
        if self.process.draining():
            return JSONResponse({"ready": False, "reason": "draining"}, 503, {"retry-after": "5"})
        return JSONResponse({"ready": True, "config_version": self.edge.site.version})

    async def metrics(self, request: Request) -> Response:
        """Prometheus text of this process and, with several workers, of its siblings."""
        return Response(await self.process.metrics_text(), media_type=PROMETHEUS)

    async def not_found(self, request: Request, exc: Exception) -> Response:
        """Any other path or method, in Cloudflare's envelope."""
        status = exc.status_code if isinstance(exc, HTTPException) else 404
        sentence = "Calls go to /v1/{account}/{gateway}/{provider}/…; /healthz, /readyz and /metrics are here too."
        body = errors.body(Refusal(status, 2105, "not_found", sentence), "")
        return Response(body, status, media_type="application/json")
