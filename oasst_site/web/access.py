"""One line for each request and each websocket: who asked for what, with which answer, how long it took.

A query is never written down, nor the part of a path that is a secret (a share link's token). The request's id comes
from X-Request-ID or is made here, goes back in the answer, and stands in every line that is about the request, in
the workers too (chats.telemetry.origin).
"""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import IO, Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty

from chats.telemetry import privacy, tracing
from chats.telemetry.request_ids import HEADER, request_id
from oasst_site.web.handler import Handler

Scope = dict[str, Any]

log = structlog.get_logger("access")

_HEADER = HEADER.lower().encode()
_SECRET_PATH = re.compile(r"(?<=/shares/)[^/]+$|(?<=/share/)[^/]+")
_QUIET = (settings.STATIC_URL,)
"""Paths whose requests are told with LOG_LEVEL=DEBUG only."""


class Note:
    """What is learned of a request on its way."""

    __slots__ = ("request_id", "route", "status", "user_id")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.status = 0
        """0: the client left before there was an answer."""
        self.user_id: str | None = None
        self.route = ""


_note: ContextVar[Note] = ContextVar("note")


class LoggedHandler(Handler):
    """The ASGI application for HTTP, which writes its access lines."""

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request, then write its line."""
        began = time.perf_counter()
        path = shown(scope["path"])
        note = Note(request_id(_given_id(scope)))
        with structlog.contextvars.bound_contextvars(request_id=note.request_id):
            token = _note.set(note)
            try:
                with tracing.serving(
                    scope["method"],
                    scope["headers"],
                    **{
                        "http.request.method": scope["method"],
                        "url.path": path,
                        "oasst.request_id": note.request_id,
                    },
                ):
                    await super().__call__(scope, receive, send)
            finally:
                _note.reset(token)
                tell = log.debug if path.startswith(_QUIET) else log.info
                tell(
                    "request",
                    method=scope["method"],
                    path=path,
                    status=note.status,
                    duration_ms=round((time.perf_counter() - began) * 1000, 1),
                    user_id=note.user_id,
                )

    def create_request(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> Any:
        """Django's; an error's trace will not quote the body."""
        privacy.hold(lambda: [_read(body_file)])
        return super().create_request(scope, body_file)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Django's; learns who asked, if anybody wanted to know."""
        response = super().get_response(request)
        note = _note.get()
        note.user_id = _known_user(request)
        if request.resolver_match is not None:
            note.route = request.resolver_match.route
        return response

    async def send_response(self, response: HttpResponseBase, send: Any) -> None:
        """Django's, with the request's id in the answer."""
        note = _note.get()
        note.status = response.status_code
        tracing.answered(note.route, note.status)
        response.headers[HEADER] = note.request_id
        await super().send_response(response, send)


class LoggedWebsockets:
    """ASGI middleware: a websocket's lines, and an id for all that its commands cause. Inside of the authentication."""

    def __init__(self, application: Callable[[Scope, Any, Any], Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Write a line when it is opened and one when it has ended."""
        began = time.perf_counter()
        user = scope.get("user")
        about = {"path": shown(scope["path"]), "user_id": None if user is None else str(user.pk)}
        with structlog.contextvars.bound_contextvars(request_id=request_id(_given_id(scope))):
            log.info("websocket opened", **about)
            try:
                await self._application(scope, receive, send)
            finally:
                log.info("websocket closed", **about, duration_ms=round((time.perf_counter() - began) * 1000, 1))


def shown(path: str) -> str:
    """The path as it may be written down."""
    return _SECRET_PATH.sub("***", path[:300])


def _given_id(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER), None)


def _known_user(request: HttpRequest) -> str | None:
    """The user's id when it was asked for; a session that nobody looked at is not read for the log."""
    user: Any = request.__dict__.get("user")
    if user is None or (isinstance(user, SimpleLazyObject) and user.__dict__.get("_wrapped") is empty):
        return None
    return None if user.pk is None else str(user.pk)


def _read(body: IO[bytes]) -> str:
    if body.closed:
        return ""
    at = body.tell()
    body.seek(0)
    text = body.read(privacy.LONGEST_TEXT).decode(errors="replace")
    body.seek(at)
    return text
