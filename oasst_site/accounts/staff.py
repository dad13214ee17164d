"""Who administers over REST: staff with a token or a session of theirs, or whoever has ROOT_TOKEN."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from oasst_site.accounts.models import ApiKey
from oasst_site.bearer import bearer_token

if TYPE_CHECKING:
    from rest_framework.views import APIView

ROOT = object()
"""What speaks for a request that carries ROOT_TOKEN."""


class RootAuthentication(BaseAuthentication):
    """`Authorization: Bearer ROOT_TOKEN`, as Open-Assistant's operators send it. Off while ROOT_TOKEN is empty."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Nobody in particular, with ROOT's power; None for every other header."""
        token = bearer_token(request.headers.get("Authorization", ""))
        if not settings.ROOT_TOKEN or token is None:
            return None
        is_root = secrets.compare_digest(token.encode(), settings.ROOT_TOKEN.encode())
        return (AnonymousUser(), ROOT) if is_root else None


class IsStaffOrRoot(BasePermission):
    """Staff who have logged in, or ROOT_TOKEN; never an API key."""

    message = "This is for staff, or for whoever has ROOT_TOKEN."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request may administer."""
        if request.auth is ROOT:
            return True
        user = request.user
        return bool(user and user.is_active and user.is_staff) and not isinstance(request.auth, ApiKey)
