"""Everything that is kept of a person, as one JSON file, streamed: a chat is in memory at a time."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.decorators import api_view
from rest_framework.request import Request

from chats.api.preference_views import preferences_read, preset_read
from chats.database import in_database
from chats.later import LaterResponse
from chats.models import Chat, Preferences, SavedPreset, Usage
from chats.repository.transfer import export_json
from oasst_site.accounts.key_views import key_read
from oasst_site.accounts.models import ApiKey, User

FORMAT, VERSION = "oasst-account", 1


@api_view(["GET"])
def account_export(request: Request) -> HttpResponseBase:
    """The account, preferences, presets, keys without their secrets, usage, and every chat as an exported file."""
    assert isinstance(request.user, User), "the permission lets nobody else in"
    head = _head(request.user)
    chats = list(
        Chat.objects.owned_by(request.user).filter(is_transient=False).order_by("id").values_list("pk", flat=True)
    )
    name = f"account-{timezone.now():%Y-%m-%d}.json"

    async def stream() -> HttpResponseBase:
        return StreamingHttpResponse(
            _pieces(head, chats),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    return LaterResponse(stream)


def _head(user: User) -> dict[str, Any]:
    usage = Usage.objects.filter(user=user).order_by("day", "model_config_name")
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": timezone.now().isoformat(),
        "account": {
            "id": str(user.pk),
            "username": user.username,
            "display_name": user.display_name,
            "provider": user.provider,
            "provider_account_id": user.provider_account_id,
            "created_at": user.date_joined.isoformat(),
        },
        "preferences": preferences_read(Preferences.objects.of(user)),
        "presets": [preset_read(each) for each in SavedPreset.objects.owned_by(user).order_by("name")],
        "api_keys": [key_read(each) for each in ApiKey.objects.owned_by(user).order_by("id")],
        "usage": list(usage.values("day", "model_config_name", "replies", "prompt_tokens", "generated_tokens")),
    }


async def _pieces(head: dict[str, Any], chats: list[UUID]) -> AsyncIterator[bytes]:
    yield orjson.dumps(head)[:-1] + b',"chats":['
    is_first = True
    for pk in chats:
        file = await in_database(_chat, pk)
        if file is not None:
            yield (b"\n" if is_first else b",\n") + file
            is_first = False
    yield b"\n]}\n"


def _chat(pk: UUID) -> bytes | None:
    """The chat as its own export has it; None when it was deleted meanwhile."""
    chat = Chat.objects.filter(pk=pk).first()
    return None if chat is None else orjson.dumps(export_json(chat))
