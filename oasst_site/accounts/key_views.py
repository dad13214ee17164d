"""A person's API keys over REST: list, make, revoke. A key cannot make or revoke keys (scopes.py)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from chats.errors import NotFound, TooLarge
from chats.ids import parse_id
from oasst_site.accounts.models import ApiKey, Scope
from oasst_site.accounts.models.api_key import MAX_NAME_LENGTH

MOST_KEYS = 50
"""Good keys of one person at a time."""


class NewKey(ObjectSerializer):
    """POST /auth/api_keys."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    scopes = serializers.MultipleChoiceField(
        choices=Scope.choices, default=lambda: set(Scope.values), allow_empty=False
    )
    expires_in_days = serializers.IntegerField(min_value=1, max_value=3650, required=False, allow_null=True)


class ApiKeys(APIView):
    """/auth/api_keys"""

    def get(self, request: Request) -> Response:
        """One's own keys, newest first, the revoked and expired ones too."""
        keys = ApiKey.objects.owned_by(request.user).order_by("-id")
        return Response([key_read(key) for key in keys])

    def post(self, request: Request) -> Response:
        """A new key. `key` is in this answer alone: nobody can read it again."""
        body = NewKey.read(request.data)
        if ApiKey.objects.owned_by(request.user).good().count() >= MOST_KEYS:
            raise TooLarge(f"You have {MOST_KEYS} keys already: revoke one that is not used any more.")
        days = body.get("expires_in_days")
        row, key = ApiKey.objects.all().issue(
            user=request.user,
            name=body["name"],
            scopes=body["scopes"],
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
        )
        return Response({**key_read(row), "key": key})


class ApiKeyDetail(APIView):
    """/auth/api_keys/{key_id}"""

    def delete(self, request: Request, key_id: str) -> Response:
        """Revoke it, at once and for good."""
        key = parse_id(key_id)
        mine = ApiKey.objects.owned_by(request.user).filter(pk=key) if key else ApiKey.objects.none()
        if not mine.exists():
            raise NotFound(f"There is no API key {key_id}.", field="key_id")
        mine.revoke()
        return Response()


def key_read(key: ApiKey) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "shown": key.shown,
        "scopes": key.scopes,
        "created_at": key.created_at.isoformat(),
        "expires_at": _time(key.expires_at),
        "revoked_at": _time(key.revoked_at),
        "last_used_at": _time(key.last_used_at),
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
