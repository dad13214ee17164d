"""The language of a websocket: as for pages, the cookie of whoever chose one, else what the browser asks for."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils.translation import get_language_from_request

Scope = dict[str, Any]
ASGIApplication = Callable[[Scope, Any, Any], Awaitable[None]]


class WebsocketLanguage:
    """ASGI middleware: puts the language of the refusals into scope["language"]. Django's own is for HTTP only."""

    def __init__(self, application: ASGIApplication) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        await self.application({**scope, "language": language_of(scope["headers"])}, receive, send)


def language_of(headers: list[tuple[bytes, bytes]]) -> str:
    """One of settings.LANGUAGES."""
    told = {name.lower(): value.decode("latin-1") for name, value in headers}
    request = HttpRequest()
    request.COOKIES = parse_cookie(told.get(b"cookie", ""))
    request.META["HTTP_ACCEPT_LANGUAGE"] = told.get(b"accept-language", "")
    return get_language_from_request(request)
