"""Access and refresh tokens (JWT by simplejwt) in Open-Assistant's shape, and how refresh tokens end."""

from typing import Any, TypedDict, cast

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from oasst_site.accounts.models import User


class TokenRead(TypedDict):
    """One token and its kind, `bearer` or `refresh`."""

    access_token: str
    token_type: str


class TokenPair(TypedDict):
    """What a login answers."""

    access_token: TokenRead
    refresh_token: TokenRead


def token_pair(user: User) -> TokenPair:
    """A fresh access and refresh token of the user."""
    refresh = RefreshToken.for_user(user)
    return {
        "access_token": {"access_token": str(refresh.access_token), "token_type": "bearer"},
        "refresh_token": {"access_token": str(refresh), "token_type": "refresh"},
    }


def refresh_token(raw: str) -> RefreshToken:
    """The refresh token that this text is.

    Raises AuthenticationFailed (401) when it is forged, expired or blacklisted, or its user is gone or disabled.
    """
    try:
        token = RefreshToken(raw)  # type: ignore[arg-type]  # simplejwt's stubs ask for its own Token class
    except TokenError as error:
        raise AuthenticationFailed("The refresh token is invalid or has expired: log in again.") from error
    if user_of(token) is None:
        raise AuthenticationFailed("The user of this refresh token is gone or disabled.")
    return token


def user_of(token: RefreshToken) -> User | None:
    """The token's user, None when gone or disabled."""
    user_id = str(token.payload.get(api_settings.USER_ID_CLAIM))
    return User.objects.filter(pk=user_id, is_active=True).first()


def rotate(token: RefreshToken) -> TokenPair:
    """A fresh pair for a refresh token, which is good no more.

    Raises AuthenticationFailed when another request has used the token at the same moment: one of two gets the pair.
    """
    user = user_of(token)
    _, is_first = cast(tuple[BlacklistedToken, bool], token.blacklist())  # simplejwt annotates only the first of them
    if user is None or not is_first:
        raise AuthenticationFailed("The refresh token was used already: log in again.")
    return token_pair(user)


def revoke_tokens(user: Any) -> int:
    """Make all of the user's refresh tokens useless; how many there were. Access tokens end by themselves, soon."""
    live = OutstandingToken.objects.filter(user=user, blacklistedtoken=None)
    return len(BlacklistedToken.objects.bulk_create([BlacklistedToken(token=token) for token in live]))


def forget_tokens(user: Any) -> None:
    """Delete all records of the user's refresh tokens. They end with the user: `refresh_token` finds none."""
    OutstandingToken.objects.filter(user=user).delete()
