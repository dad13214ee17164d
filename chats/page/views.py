"""The one page: the same document for the empty chat and for every chat; what it shows comes by REST and websocket."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from chats.page.catalogue import catalogue_address
from chats.page.modules import import_map, preloads

_NO_MARKUP = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
"""JSON inside a script element: the same value, and no way out of the element."""


@require_safe
@never_cache
@login_required
@ensure_csrf_cookie
def page(request: HttpRequest, chat_id: str | None = None) -> HttpResponse:
    """The chat page. Whether `chat_id` is the user's is asked by REST, which knows a stranger's chat as none."""
    config = {
        "base": reverse("page"),
        "login": resolve_url(settings.LOGIN_URL),
        "user": str(request.user),
        "csrfCookie": settings.CSRF_COOKIE_NAME,
    }
    context = {
        "import_map": script_json(import_map()),
        "preloads": preloads(),
        "catalogue": catalogue_address(),
        "config": config,
        "user_name": str(request.user),
    }
    return TemplateResponse(request, "page/chat.html", context)


def script_json(value: Any) -> str:
    """JSON fit to stand in a script element."""
    return mark_safe(json.dumps(value).translate(_NO_MARKUP))  # no markup is left in it
