"""A response in two parts: a synchronous view decides that there will be one, the event loop makes it.

So every view stays synchronous and runs in one thread with its middleware, and what may last (a stream, the wait for a
reply) holds no thread. oasst_site.web.handler resolves it.
"""

from collections.abc import Awaitable, Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase

_OF_THE_BODY = ("Content-Length", "Content-Type")
"""Headers that speak of this placeholder's empty body, not of the response proper."""


class LaterResponse(HttpResponse):
    """`resolve` is awaited on the event loop for the response proper; cancelled when the client leaves before that."""

    def __init__(self, resolve: Callable[[], Awaitable[HttpResponseBase]]) -> None:
        super().__init__()
        self._resolve = resolve

    async def resolve(self) -> HttpResponseBase:
        """The response proper, with the headers that middleware has set on this one."""
        response = await self._resolve()
        for name, value in self.items():
            if name not in _OF_THE_BODY:
                response.headers.setdefault(name, value)
        return response
