"""Django's request handler for ASGI with one hop to a thread per request.

Django's own runs each middleware's halves and a synchronous view in threads, one after the other, up to twenty hops a
request, on threads without a bound. All our views are synchronous, so the whole chain runs synchronously, once, in the
pool of chats.database; what may last comes back as a LaterResponse and is awaited here, where a client's disconnect
cancels it.
"""

import asyncio
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from chats.database import in_database
from chats.errors import TooLarge, Unavailable
from chats.later import LaterResponse

Scope = dict[str, Any]


class Handler(ASGIHandler):
    """The ASGI application for HTTP."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request; a client that leaves cancels what is not answered yet."""
        try:
            body = await self._body(scope, receive)
        except RequestAborted:
            return
        except TooLarge as error:
            headers = {"Connection": "close"}  # the rest of the body is not read
            await self.send_response(
                JsonResponse({"detail": error.message}, status=error.status, headers=headers), send
            )
            return
        leaving = asyncio.ensure_future(receive())  # after the body only the disconnect is left to come
        answering = asyncio.ensure_future(self._answer(scope, body, send))
        try:
            await asyncio.wait({leaving, answering}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not answering.done():
                answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering
            body.close()

    async def _body(self, scope: Scope, receive: Any) -> IO[bytes]:
        """The request's body, spooled to disk when it is large.

        Raises TooLarge beyond MAX_BODY_BYTES, RequestAborted when the client leaves.
        """
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        _check_length(int(told) if told.isdigit() else 0)
        body = SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115  # the caller closes
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                body.write(message.get("body", b""))
                _check_length(body.tell())
                more = message.get("more_body", False)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    async def _answer(self, scope: Scope, body: IO[bytes], send: Any) -> None:
        try:
            response = await in_database(self._respond, scope, body)
        except Unavailable as error:
            response = JsonResponse(
                {"detail": error.message}, status=error.status, headers={"Retry-After": str(error.retry_after_s)}
            )
        if isinstance(response, LaterResponse):
            response = await response.resolve()
        await self.send_response(response, send)

    def _respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """Run the middleware and the view, in a thread."""
        set_script_prefix(get_script_prefix(scope))
        request, problem = self.create_request(scope, body)
        response: Any = problem if request is None else self.get_response(request)
        if response.streaming and not getattr(response, "is_async", False):
            response = _collected(response)
        response.close()  # what was opened for the request; its content stays
        return response


def _check_length(length: int) -> None:
    if length > settings.MAX_BODY_BYTES:
        raise TooLarge(f"The body is longer than {settings.MAX_BODY_BYTES} bytes: send less at a time.")


def _collected(response: Any) -> HttpResponse:
    """A file as one answer: reading it bit by bit would cost a thread each."""
    collected = HttpResponse(b"".join(response), status=response.status_code, headers=dict(response.items()))
    response.close()
    return collected
