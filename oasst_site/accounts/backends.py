"""Passwords, with a limit on guessing: so many tries for one name from one address, and for one address in all."""

import hashlib
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from chats.errors import TooMany
from chats.rate import forget, take, too_often

NAMES_PER_ADDRESS = 10
"""An address may try so many times what one name may: a school or an office has one address."""


class LimitedModelBackend(ModelBackend):
    """Django's backend for names and passwords; a good password begins the count anew.

    Raises TooMany (429) beyond RATE_LIMIT_LOGIN_TIMES within RATE_LIMIT_LOGIN_SECONDS, whatever the password is.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """The user of this name and password, None when there is none."""
        if username is None or password is None:
            return None
        address = address_of(request)
        name = f"{address}:{hashlib.sha256(username.encode('utf-8', 'replace')).hexdigest()[:32]}"
        times, seconds = settings.RATE_LIMIT_LOGIN_TIMES, settings.RATE_LIMIT_LOGIN_SECONDS
        wait_s = take("login", name, times=times, seconds=seconds) or take(
            "login-address", address, times=times * NAMES_PER_ADDRESS, seconds=seconds
        )
        if wait_s:
            raise TooMany(too_often(wait_s), retry_after_s=ceil(wait_s))
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None:
            forget("login", name)
        return user


def address_of(request: HttpRequest | None) -> str:
    """The client's address: what the outermost of TRUSTED_PROXIES saw, or the connection's."""
    if request is None:
        return ""
    forwarded = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    if settings.TRUSTED_PROXIES and forwarded:
        return forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))]
    return str(request.META.get("REMOTE_ADDR", ""))
