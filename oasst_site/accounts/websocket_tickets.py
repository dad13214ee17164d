"""Tickets for websockets of browsers on other origins: good once, for 30 seconds, never in a URL.

Such a page gets one with its token (POST /api/auth/websocket_ticket) and offers it as a subprotocol:
`new WebSocket(url, ["oasst", "ticket." + ticket])`; the server answers with the subprotocol `oasst`. The socket ends
with the login that the ticket was given for.
"""

import secrets
from typing import Any

import orjson

from chats.redis import sync_redis
from oasst_site.accounts.logins import Login
from oasst_site.accounts.models import User

LIFETIME_S = 30
SUBPROTOCOL = "oasst"
_PREFIX = "ticket."


def issue(user: Any, *, login_expires_at: float | None, session_key: str | None = None) -> str:
    """A fresh ticket of the user. login_expires_at: seconds since 1970, None: never. session_key: of a browser."""
    ticket = secrets.token_urlsafe(32)
    login = {"user": str(user.pk), "expires_at": login_expires_at, "session": session_key}
    sync_redis().set(_key(ticket), orjson.dumps(login), ex=LIFETIME_S)
    return ticket


def redeem(ticket: str) -> Login | None:
    """The login that the ticket was given for, once; None for an unknown, used or expired one, or a disabled user."""
    stored = sync_redis().getdel(_key(ticket))
    if not isinstance(stored, bytes):
        return None
    login = orjson.loads(stored)
    user = User.objects.filter(pk=login["user"], is_active=True).first()
    return None if user is None else Login(user, login["expires_at"], session_key=login.get("session"))


def ticket_in(subprotocols: list[str]) -> str | None:
    """The ticket among the subprotocols that a handshake offers."""
    return next((offer.removeprefix(_PREFIX) for offer in subprotocols if offer.startswith(_PREFIX)), None)


def _key(ticket: str) -> str:
    return f"websocket-ticket:{ticket}"
