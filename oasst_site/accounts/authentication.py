"""Who sends a request: the bearer of an access token or an API key.

No token is 403, a bad one 401, as in Open-Assistant.
"""

from functools import lru_cache
from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token
from rest_framework_simplejwt.utils import aware_utcnow

from chats.ids import parse_id
from chats.rows import RowBy
from oasst_site.accounts.models import ApiKey, User
from oasst_site.accounts.models.api_key import PREFIX
from oasst_site.bearer import bearer_token

Bearer = tuple[User, ApiKey | Token]
"""A person, and what spoke for that person."""

_user = RowBy(User, "id")


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer TOKEN`; the token is an access token or an API key.

    A header that is no bearer token gets 403, an expired or invalid one 401. No header at all: None, so that the
    session cookie may speak; with neither, the permission check answers 403.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = self.get_header(request)
        if header is None:
            return None
        token = bearer_token(header.decode("latin-1"))
        if token is None:
            raise PermissionDenied("The Authorization header must read: Bearer TOKEN.")
        return bearer(token)


def bearer(token: str) -> Bearer:
    """Who bears this access token or API key.

    Raises AuthenticationFailed (401) when it is expired, revoked or forged, no access token, or its user is gone or
    disabled.
    """
    return _of_key(token) if token.startswith(PREFIX) else _of_token(token)


def expires_at(auth: ApiKey | Token) -> float | None:
    """When it ends, in seconds since 1970; None: never."""
    if isinstance(auth, ApiKey):
        return None if auth.expires_at is None else auth.expires_at.timestamp()
    return float(auth["exp"])


def login_ends_at(request: Request) -> float | None:
    """When the login behind a request ends, in seconds since 1970; None: never, as a trusted client's."""
    if isinstance(request.auth, ApiKey | Token):
        return expires_at(request.auth)
    if isinstance(request.successful_authenticator, SessionAuthentication):
        return float(request.session.get_expiry_date().timestamp())
    return None


def session_of(request: Request) -> str | None:
    """The key of the browser's session that logs a request in; None where a token or something else does."""
    return request.session.session_key if isinstance(request.successful_authenticator, SessionAuthentication) else None


def _of_key(key: str) -> Bearer:
    found = ApiKey.objects.of(key)
    if found is None:
        raise AuthenticationFailed("The API key is unknown, expired or revoked: make a new one.")
    return found.user, found


def _of_token(token: str) -> Bearer:
    try:
        access = _access_token(token)
        access.check_exp(current_time=aware_utcnow())
    except TokenError as error:
        raise AuthenticationFailed("The token is invalid or has expired: log in again or refresh it.") from error
    user_id = parse_id(access.get(api_settings.USER_ID_CLAIM))
    user = _user.get(user_id) if user_id else None
    if user is None or not user.is_active:
        raise AuthenticationFailed("The user of this token is gone or disabled.")
    return user, access


@lru_cache(maxsize=1024)
def _access_token(token: str) -> AccessToken:
    """The token, which was good when it was first seen: its signature stays so, its time may be over by now.

    Raises TokenError.
    """
    return AccessToken(token.encode("latin-1"))  # type: ignore[arg-type]  # simplejwt's stubs ask for its Token class
