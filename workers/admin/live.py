"""The live page: sessions and queues as they are now, drawn anew every two seconds."""

import logging
from typing import Any

import redis
from celery import current_app
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from chats.models import Pause
from chats.models.service import WHOLE_SERVICE
from workers.admin.look import look
from workers.models import Live

logger = logging.getLogger(__name__)


@admin.register(Live)
class LiveAdmin(admin.ModelAdmin):
    """No rows of its own: the list is the page."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing to add."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing to delete."""
        return False

    def get_urls(self) -> list[Any]:
        """The page, the part of it that is drawn anew, and the orders."""
        views = {"now": self.now, "drain": self.drain, "pause": self.pause, "resume": self.resume}
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"workers_live_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The whole page."""
        return TemplateResponse(request, "workers/live.html", self._context(request))

    def now(self, request: HttpRequest) -> HttpResponse:
        """The part that changes."""
        return TemplateResponse(request, "workers/live_now.html", self._context(request))

    def drain(self, request: HttpRequest) -> HttpResponse:
        """Tell one process to give its replies back and to end."""
        name = self._ordered(request)
        try:
            current_app.control.broadcast("drain", destination=[name])
        except Exception as error:  # kombu raises its transports' own errors
            logger.warning("The order to drain %s was not sent: %s", name, error)
            messages.error(request, f"The broker did not take the order: {error}")
        else:
            messages.success(request, f"{name} is told to drain: it gives its replies back and ends.")
        return self._back()

    def pause(self, request: HttpRequest) -> HttpResponse:
        """Pause a model's queue, or, with an empty name, put the whole service into maintenance."""
        compat_hash = self._ordered(request)
        Pause.objects.get_or_create(pk=compat_hash, defaults={"reason": request.POST.get("reason", "")[:255]})
        messages.success(request, f"{compat_hash or 'The whole service'} is paused: what runs goes on.")
        return self._back()

    def resume(self, request: HttpRequest) -> HttpResponse:
        """End a pause; the reconciler sends the tickets that are missing."""
        compat_hash = self._ordered(request)
        Pause.objects.filter(pk=compat_hash).delete()
        messages.success(request, f"{compat_hash or 'The whole service'} goes on.")
        return self._back()

    def _ordered(self, request: HttpRequest) -> str:
        """What the order is about."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        return request.POST.get("of", "")

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:workers_live_changelist"))

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Live sessions and queues",
            "may_change": self.has_change_permission(request),
            "whole_service": WHOLE_SERVICE,
        }
        try:
            return context | look()
        except (redis.RedisError, OSError) as error:
            return context | {"problem": f"Redis does not answer: {error}"}
