"""Tickets for websockets of browsers on other origins: good once, for 30 seconds, never in a URL.

Such a page gets one with its token (POST /api/auth/websocket_ticket) and offers it as a subprotocol:
`new WebSocket(url, ["oasst", "ticket." + ticket])`; the server answers with the subprotocol `oasst`.
"""

import secrets
from typing import Any

from chats.redis import sync_redis
from oasst_site.accounts.models import User

LIFETIME_S = 30
SUBPROTOCOL = "oasst"
_PREFIX = "ticket."


def issue(user: Any) -> str:
    """A fresh ticket of the user."""
    ticket = secrets.token_urlsafe(32)
    sync_redis().set(_key(ticket), str(user.pk), ex=LIFETIME_S)
    return ticket


def redeem(ticket: str) -> User | None:
    """The ticket's user, once; None for an unknown, used or expired ticket, or a disabled user."""
    user_id = sync_redis().getdel(_key(ticket))
    if not isinstance(user_id, bytes):
        return None
    return User.objects.filter(pk=user_id.decode(), is_active=True).first()


def ticket_in(subprotocols: list[str]) -> str | None:
    """The ticket among the subprotocols that a handshake offers."""
    return next((offer.removeprefix(_PREFIX) for offer in subprotocols if offer.startswith(_PREFIX)), None)


def _key(ticket: str) -> str:
    return f"websocket-ticket:{ticket}"
