"""/healthz and /readyz, answered before anything else has a say.

Neither Django's middleware (a probe names the machine, not an allowed host), nor the database's threads (they may all
be stuck, which is what is asked), nor the access log has to do with them.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from oasst_site.health.readiness import Readiness

Scope = dict[str, Any]


class Probes:
    """ASGI middleware for HTTP."""

    def __init__(self, application: Callable[[Scope, Any, Any], Awaitable[None]], readiness: Readiness) -> None:
        self._application = application
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a probe, or pass the request on."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path == "/healthz":
            await _answer(scope, send, 200, {"status": "ok"})
        elif path == "/readyz":
            report = await self._readiness.report()
            await _answer(scope, send, 200 if report["ready"] else 503, report)
        else:
            await self._application(scope, receive, send)


async def _answer(scope: Scope, send: Any, status: int, body: dict[str, Any]) -> None:
    text = orjson.dumps(body) + b"\n"
    headers = [
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(text)).encode()),
        (b"Cache-Control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text})
