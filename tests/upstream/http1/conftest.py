"""Every loop the transport must work on."""

import asyncio

import pytest
import uvloop


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request):
    """Run a coroutine to its end, on each loop."""
    return uvloop.run if request.param == "uvloop" else asyncio.run
