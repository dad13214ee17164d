"""The site below a path of its host: PATH_PREFIX, as in https://example.org/chat/.

A proxy may pass the prefix on or cut it off; probes that come directly leave it out. Everything behind this finds the
prefix in scope["root_path"] and at the beginning of scope["path"], as ASGI wants it. Daphne takes root_path out of a
header that any client may send: that is overwritten.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
ASGIApplication = Callable[[Scope, Any, Any], Awaitable[None]]


class PathPrefix:
    """ASGI middleware for HTTP and the websocket. `prefix` is empty, or like "/chat"."""

    def __init__(self, application: ASGIApplication, prefix: str) -> None:
        self.application = application
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        path = with_prefix(scope["path"], self.prefix)
        await self.application({**scope, "root_path": self.prefix, "path": path}, receive, send)


def with_prefix(path: str, prefix: str) -> str:
    """The path below the prefix, whether it has the prefix already or not; "/chat" itself is "/chat/"."""
    if path == prefix:
        return f"{prefix}/"
    return path if path.startswith(f"{prefix}/") else f"{prefix}{path}"
