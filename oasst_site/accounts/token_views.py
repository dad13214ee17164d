"""Our own token endpoint: a pair for name and password; a refresh token is good once, and can be revoked.

Open-Assistant's GET /auth/refresh stays as its clients know it: there a refresh token stays good until it expires or is
revoked here.
"""

from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from oasst_site.accounts.models import User
from oasst_site.accounts.tokens import refresh_token, rotate, token_pair


class Credentials(ObjectSerializer):
    """POST /auth/token."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class Refresh(ObjectSerializer):
    """POST /auth/token/refresh and /auth/token/revoke."""

    refresh_token = serializers.CharField(max_length=4000)


class Tokens(APIView):
    """/auth/token"""

    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        """An access and a refresh token for a name and its password."""
        body = Credentials.read(request.data)
        user = authenticate(request, **body)
        if not isinstance(user, User):
            raise AuthenticationFailed("No active account has this name and password.")
        return Response(token_pair(user))


class Rotation(APIView):
    """/auth/token/refresh"""

    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        """A fresh pair for a refresh token, which is used up by it."""
        return Response(rotate(refresh_token(_given(request))))


class Revocation(APIView):
    """/auth/token/revoke"""

    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        """End a refresh token: a program logs out."""
        refresh_token(_given(request)).blacklist()
        return Response()


def _given(request: Request) -> str:
    body = Refresh.read(request.data)
    return str(body["refresh_token"])
