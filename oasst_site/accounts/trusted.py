"""Trusted clients: a website of ours that has logged its users in itself, as Open-Assistant's does.

Each request carries `TrustedClient: BASE64(JSON)` with {api_key, client, user_id, provider_account_id, username}; the
key must be one of TRUSTED_CLIENT_KEYS. The user is the one of (client, provider_account_id); a new one is made by
POST /auth/trusted alone, every other path answers 404 until then.
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth.hashers import make_password
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from chats.errors import NotFound
from oasst_site.accounts.models import User

HEADER = "TrustedClient"


@dataclass(frozen=True, slots=True)
class TrustedUser:
    """Whom a trusted client speaks for."""

    client: str
    provider_account_id: str
    username: str


class TrustedClientAuthentication(BaseAuthentication):
    """The header TrustedClient. A bad key or header is 401, an unknown user 404."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.headers.get(HEADER)
        if header is None:
            return None
        trusted = read_header(header)
        user = User.objects.filter(
            provider=trusted.client, provider_account_id=trusted.provider_account_id, is_active=True
        ).first()
        if user is None:
            raise NotFound(
                f"{trusted.client} has no user {trusted.provider_account_id!r} here: POST /auth/trusted makes it."
            )
        return user, trusted


def read_header(header: str) -> TrustedUser:
    """Whom the header speaks for. Raises AuthenticationFailed (401) for a malformed one or a key that is not ours."""
    try:
        data = orjson.loads(base64.b64decode(header, validate=True))
        key = str(data["api_key"])
        trusted = TrustedUser(
            client=_claim(data, "client", max_length=32),
            provider_account_id=_claim(data, "provider_account_id", max_length=255),
            username=str(data.get("username") or "").replace("\x00", "")[:150],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise AuthenticationFailed(f"The {HEADER} header is no base64 of its JSON object: {error}.") from error
    if not any(good and secrets.compare_digest(key.encode(), good.encode()) for good in settings.TRUSTED_CLIENT_KEYS):
        raise AuthenticationFailed(f"The api_key of the {HEADER} header is unknown: see TRUSTED_CLIENT_KEYS.")
    return trusted


def _claim(data: dict[str, Any], name: str, *, max_length: int) -> str:
    """One claim; never empty: accounts by name and password have no id at a provider, and nobody speaks for those."""
    value = str(data[name])
    if not 1 <= len(value) <= max_length or not value.isprintable():
        raise ValueError(f"{name} must be 1 to {max_length} printable characters")
    return value


def get_or_create_trusted_user(trusted: TrustedUser) -> User:
    """The user that the client speaks for, made when it is new; the name follows the client's."""
    user, made = User.objects.get_or_create(
        provider=trusted.client,
        provider_account_id=trusted.provider_account_id,
        defaults={
            "username": f"{trusted.client}:{trusted.provider_account_id}"[:150],
            "display_name": trusted.username,
            "password": make_password(None),
        },
    )
    if not made and trusted.username and user.display_name != trusted.username:
        user.display_name = trusted.username
        user.save(update_fields=["display_name"])
    return user
