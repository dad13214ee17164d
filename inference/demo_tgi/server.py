"""The HTTP server: routes, keys, start and stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hmac import compare_digest

from aiohttp import web

from inference.demo_tgi import control, generating, telling
from inference.demo_tgi.errors import UnreadableRequest
from inference.demo_tgi.models import make_model
from inference.demo_tgi.options import Options
from inference.demo_tgi.state import STATE, State

_NEED_THE_KEY = frozenset({("POST", "/"), ("POST", "/generate"), ("POST", "/generate_stream")}) | {
    ("GET", "/v1/models"),
    ("POST", "/tokenize"),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _plain_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A body that is no request is told in plain text, as the router's JSON reader does."""
    try:
        return await handler(request)
    except UnreadableRequest as error:
        request.app[STATE].metrics.failure("validation")
        return web.Response(status=error.status, text=str(error))


@web.middleware
async def _bearer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """401 without a body for a missing or wrong key, as TGI does."""
    key = request.app[STATE].options.api_key
    if key is not None and (request.method, request.path) in _NEED_THE_KEY:
        given = request.headers.get("Authorization", "")
        if not compare_digest(given.encode(), f"Bearer {key}".encode()):
            return web.Response(status=401)
    return await handler(request)


def make_app(options: Options) -> web.Application:
    """The application. Raises ``OSError`` when the documentation cannot be read."""
    app = web.Application(middlewares=[_bearer, _plain_refusals], client_max_size=options.limits.payload_limit)
    app[STATE] = State(options, make_model(options.model, options.docs))
    app.add_routes(
        [
            web.post("/", generating.post_compat),
            web.post("/generate", generating.post_generate),
            web.post("/generate_stream", generating.post_generate_stream),
            web.post("/tokenize", telling.post_tokenize),
            web.get("/", telling.get_root),
            web.get("/health", telling.get_health),
            web.get("/ping", telling.get_health),
            web.get("/info", telling.get_info),
            web.get("/v1/models", telling.get_models),
            web.get("/metrics", telling.get_metrics),
            web.post("/_faults", control.post_faults),
            web.get("/_faults", control.get_faults),
            web.delete("/_faults", control.delete_faults),
            web.get("/_requests", control.get_requests),
        ]
    )
    return app


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[str]:
    """A running server as long as the block lasts; gives its address, ``http://HOST:PORT``.

    Leaving the block cuts off what still streams. Raises ``OSError`` when the port cannot be had.
    """
    # The handler of a client that left is cancelled: without that a reply that hangs would never notice.
    runner = web.AppRunner(make_app(options), handler_cancellation=True, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port, backlog=1024)
        await site.start()
        port = runner.addresses[0][1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def serve(options: Options, ready: Callable[[str], None], stop: asyncio.Event) -> None:
    """Serves until ``stop`` is set; tells ``ready`` the address. Raises ``OSError`` as ``running`` does."""
    async with running(options) as url:
        ready(url)
        await stop.wait()
