"""What an API key may do: one table of paths. What is not in it is for people who have logged in themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from oasst_site.accounts.models import ApiKey, Scope

if TYPE_CHECKING:  # rest_framework.views itself imports the permission classes
    from rest_framework.views import APIView

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def _chats(method: str) -> set[Scope]:
    return {Scope.READ if method in READING else Scope.WRITE}


PATHS: tuple[tuple[str, Callable[[str], set[Scope]]], ...] = (
    ("/v1/", lambda method: {Scope.COMPLETIONS}),
    ("/api/chats", _chats),
    ("/api/configs/", _chats),
    ("/api/auth/check", lambda method: set(Scope)),
)
"""Each beginning of a path with the scopes of which one is needed."""


class WithinKeysScope(BasePermission):
    """Lets people through; an API key only where one of its scopes is asked for."""

    message = "This API key may not do that: its scopes do not cover it. Make another key, or log in."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request's key covers its path and method."""
        if not isinstance(request.auth, ApiKey):
            return True
        path = request.path_info
        wanted = next((scopes(request.method or "") for start, scopes in PATHS if path.startswith(start)), set())
        return not wanted.isdisjoint(request.auth.scopes)
