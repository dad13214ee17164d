"""Open-Assistant's /admin paths about people, under /api/admin."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.errors import NotFound
from chats.ids import parse_id
from oasst_site.accounts.authentication import BearerAuthentication
from oasst_site.accounts.deletion import delete_account
from oasst_site.accounts.models import ApiKey, User
from oasst_site.accounts.staff import IsStaffOrRoot, RootAuthentication
from oasst_site.accounts.tokens import revoke_tokens

STAFF: dict[str, Any] = {
    "authentication_classes": [RootAuthentication, BearerAuthentication],
    "permission_classes": [IsStaffOrRoot],
}
"""For `as_view`. No session cookie: a staff member's browser cannot be made to do this."""


class RefreshTokens(APIView):
    """/admin/refresh_tokens/{user_id}"""

    def delete(self, request: Request, user_id: str) -> Response:
        """Log somebody out everywhere: refresh tokens and API keys."""
        user = _user(user_id)
        revoke_tokens(user)
        ApiKey.objects.owned_by(user).revoke()
        return Response()


class Users(APIView):
    """/admin/users/{user_id}"""

    def delete(self, request: Request, user_id: str) -> Response:
        """Delete somebody's account with everything in it."""
        delete_account(_user(user_id))
        return Response()


def _user(user_id: str) -> User:
    key = parse_id(user_id)
    user = User.objects.filter(pk=key).first() if key else None
    if user is None:
        raise NotFound(f"There is no user {user_id}.", field="user_id")
    return user
