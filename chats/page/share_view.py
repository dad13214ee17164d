"""The page behind a link to a chat: read-only, for whoever has the link, without a login and without a cookie."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from chats.api.share_views import PRIVATE
from chats.errors import NotFound
from chats.models import Role
from chats.page.catalogue import catalogue_address
from chats.page.modules import import_map
from chats.page.views import script_json
from chats.repository.sharing import shared


@require_safe
def share(request: HttpRequest, token: str) -> HttpResponse:
    """The snapshot as text, which the page's module draws as Markdown; 404 when the link was revoked or never was."""
    try:
        found = shared(token)
    except NotFound:
        return TemplateResponse(request, "page/share_missing.html", status=404, headers=PRIVATE)
    context = {
        "import_map": script_json(import_map()),
        "catalogue": catalogue_address(),
        "title": found.snapshot.get("title"),
        "shared_at": found.created_at,
        "messages": [_shown(message) for message in found.snapshot.get("messages", [])],
    }
    return TemplateResponse(request, "page/share.html", context, headers=PRIVATE)


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "is_prompt": message["role"] == Role.PROMPTER,
        "content": message["content"],
        "model": message["model_config_name"],
        "at": parse_datetime(message["created_at"]),
    }
