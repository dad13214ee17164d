"""Access and refresh tokens (JWT by simplejwt) in Open-Assistant's shape."""

from typing import TypedDict

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
