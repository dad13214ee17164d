"""A login: who it is, by what, until when, and whether it is still good."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from oasst_site.accounts.models import ApiKey, User


@dataclass(frozen=True, slots=True)
class Login:
    """What opened a websocket. expires_at: seconds since 1970, None: never.

    key_id, session_key: the API key or the browser's session that it stands on, None for an access token.
    """

    user: User
    expires_at: float | None
    key_id: UUID | None = None
    session_key: str | None = None


def still_good(logins: Iterable[Login]) -> set[Login]:
    """Those whose user is not disabled or gone, key not revoked, session not ended: three queries for all of them."""
    asked = set(logins)
    users = set(
        User.objects.filter(pk__in={each.user.pk for each in asked}, is_active=True).values_list("pk", flat=True)
    )
    wanted_keys = {each.key_id for each in asked if each.key_id is not None}
    keys = set(ApiKey.objects.good().filter(pk__in=wanted_keys).values_list("pk", flat=True)) if wanted_keys else set()
    wanted_sessions = {each.session_key for each in asked if each.session_key is not None}
    lasting = Session.objects.filter(session_key__in=wanted_sessions, expire_date__gt=timezone.now())
    sessions = set(lasting.values_list("pk", flat=True)) if wanted_sessions else set()
    return {
        each
        for each in asked
        if each.user.pk in users
        and (each.key_id is None or each.key_id in keys)
        and (each.session_key is None or each.session_key in sessions)
    }
