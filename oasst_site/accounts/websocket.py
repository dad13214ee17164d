"""Who is behind a websocket: a bearer's token or API key, a one-use ticket, or the session cookie of our own page.

A token is asked no Origin: only a program can send the header. A cookie is sent by the browser whatever page asks, so
its Origin must be ours. The user goes into scope["user"] (None: nobody), the moment at which the login ends into
scope["login_expires_at"] (seconds since 1970, None: never), and scope["watch_login"] calls back when it ends before.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from rest_framework.exceptions import APIException

from chats.database import in_database
from chats.websocket.turning_away import turn_away
from oasst_site.accounts.authentication import bearer, expires_at
from oasst_site.accounts.login_watch import current_watch
from oasst_site.accounts.logins import Login
from oasst_site.accounts.models import ApiKey, User
from oasst_site.accounts.models import Scope as KeyScope
from oasst_site.accounts.websocket_tickets import SUBPROTOCOL, redeem, ticket_in
from oasst_site.bearer import bearer_token

Scope = dict[str, Any]
ASGIApplication = Callable[[Scope, Any, Any], Awaitable[None]]


class WebsocketAuthentication:
    """ASGI middleware that finds the user of a websocket's handshake."""

    def __init__(self, application: ASGIApplication) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
        try:
            login = await in_database(find_login, headers, scope.get("subprotocols", []))
        except Exception:  # Postgres or Redis is away: whichever it was, the client shall come back
            await turn_away(send, subprotocol)
            return
        scope = {**scope, "user": None, "login_expires_at": None, "subprotocol": subprotocol}
        if login is not None:
            scope |= {"user": login.user, "login_expires_at": login.expires_at}
            scope["watch_login"] = partial(current_watch().add, login)
        await self.application(scope, receive, send)


def find_login(headers: dict[str, str], subprotocols: list[str]) -> Login | None:
    """The login behind a handshake; None when nobody is logged in."""
    if "authorization" in headers:
        return _by_token(headers["authorization"])
    if (ticket := ticket_in(subprotocols)) is not None:
        return redeem(ticket)
    if not origin_is_ours(headers.get("origin"), headers.get("host", "")):
        return None
    return _by_session(parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME))


def origin_is_ours(origin: str | None, host: str) -> bool:
    """Whether the page that opened the socket came from this host, or from one of CSRF_TRUSTED_ORIGINS."""
    from_host = urlsplit(origin or "").netloc  # empty: "null", as of a sandboxed frame
    return bool(from_host) and (from_host == host or origin in settings.CSRF_TRUSTED_ORIGINS)


def _by_token(header: str) -> Login | None:
    token = bearer_token(header)
    if token is None:
        return None
    try:
        user, auth = bearer(token)
    except APIException:
        return None
    if not isinstance(auth, ApiKey):
        return Login(user, expires_at(auth))
    return Login(user, expires_at(auth), key_id=auth.pk) if KeyScope.WRITE in auth.scopes else None


def _by_session(session_key: str | None) -> Login | None:
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    return Login(user, request.session.get_expiry_date().timestamp(), session_key=session_key)
