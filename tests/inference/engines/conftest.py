"""The fixture that runs a test's own engines."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from aiohttp import web

from tests.inference.engines.misbehaving import SERVER, Handler, Serve, Server


@pytest.fixture
async def serve() -> AsyncGenerator[Serve, None]:
    """``await serve({"POST /path": handler})``: a server on a free port; all are stopped after the test."""
    runners: list[web.AppRunner] = []

    async def start(handlers: dict[str, Handler]) -> Server:
        server = Server()

        def watched(handler: Handler) -> Handler:
            async def handle(request: web.Request) -> web.StreamResponse:
                server.headers.append(dict(request.headers))
                if request.can_read_body:
                    server.bodies.append(await request.json())
                try:
                    return await handler(request)
                except asyncio.CancelledError:
                    server.reader_left.set()
                    raise

            return handle

        app = web.Application(client_max_size=16 * 2**20)
        app[SERVER] = server
        for route, handler in handlers.items():
            method, path = route.split()
            app.router.add_route(method, path, watched(handler))
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return server

    yield start
    for runner in runners:
        await runner.cleanup()
