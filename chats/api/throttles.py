"""Rate limits of REST: a view names what it spends in `throttle_scope`; chats.rate counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chats.rate import take_message

if TYPE_CHECKING:  # rest_framework.views itself imports the throttle classes
    from rest_framework.views import APIView


class MessageThrottle(BaseThrottle):
    """429 with Retry-After for somebody who sends more messages than RATE_LIMIT_MESSAGES_USER_TIMES allows."""

    def __init__(self) -> None:
        self._wait_s = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether there is room; counts the request when there is."""
        kind: str | None = getattr(view, "throttle_scope", None)
        if kind is None or request.method != "POST":
            return True
        self._wait_s = take_message(kind, request.user.pk)
        return not self._wait_s

    def wait(self) -> float:
        """Seconds until the next request is let through."""
        return self._wait_s
