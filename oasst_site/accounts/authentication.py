"""Who sends a request: Open-Assistant's bearer token, its answers to a missing (403) and a bad one (401)."""

from typing import Any

from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer TOKEN`.

    A header that is no bearer token gets 403, an expired or invalid one 401. No header at all: None, so that the
    session cookie may speak; with neither, the permission check answers 403.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = self.get_header(request)
        if header is None:
            return None
        kind, _, token = header.decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise PermissionDenied("The Authorization header must read: Bearer TOKEN.")
        return user_of_token(token.strip())


def user_of_token(token: str) -> tuple[Any, Any]:
    """The user and the validated token of an access token.

    Raises AuthenticationFailed (401) when it is expired, forged, no access token, or its user is gone or disabled.
    """
    jwt = JWTAuthentication()
    try:
        validated = jwt.get_validated_token(token.encode())
        return jwt.get_user(validated), validated
    except InvalidToken as error:
        raise AuthenticationFailed("The token is invalid or has expired: log in again or refresh it.") from error
