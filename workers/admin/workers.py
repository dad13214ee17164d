"""Workers and their keys: let in, trust, disable; a key is shown once, when it is made."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from workers.compliance.score import scores
from workers.models import Worker, WorkerKey
from workers.models.key import TooManyKeys


class Keys(admin.TabularInline):
    """A worker's keys, as far as anybody may see them."""

    model = WorkerKey
    extra = 0
    can_delete = False
    fields = readonly_fields = ("shown", "created_at", "last_used_at", "revoked_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the worker's action: the key must be shown."""
        return False


@admin.register(Worker)
class WorkerAdmin(admin.ModelAdmin):
    """Saving a new worker makes its first key."""

    list_display = ("name", "trusted", "enabled", "score", "good_keys", "created_at")
    list_editable = ("trusted", "enabled")
    list_filter = ("trusted", "enabled")
    search_fields = ("name",)
    fields = ("name", "trusted", "enabled")
    inlines = (Keys,)
    actions = ("issue_key", "enable", "disable")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """The scores are looked up once for a page."""
        self._scores = scores()
        return super().get_queryset(request)

    @admin.display(description="failed checks")
    def score(self, worker: Worker) -> str:
        """Open-Assistant's score: the failed part of the compliance checks that it took part in."""
        score = self._scores.get(worker.pk)
        return "–" if score is None else f"{score:.0%}"

    @admin.display(description="good keys")
    def good_keys(self, worker: Worker) -> int:
        """At most two."""
        return WorkerKey.objects.good().filter(worker=worker).count()

    def save_model(self, request: HttpRequest, obj: Worker, form: Any, change: bool) -> None:
        """A new worker gets its first key, which is shown this once."""
        super().save_model(request, obj, form, change)
        if not change:
            self._issue(request, obj)

    @admin.action(description="Make another key (shown once)", permissions=["change"])
    def issue_key(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        """One for each worker; its older key stays good until it is revoked."""
        for worker in queryset:
            self._issue(request, worker)

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        """Its processes may be started again."""
        self.message_user(request, f"{queryset.update(enabled=True)} workers are enabled.", messages.SUCCESS)

    @admin.action(description="Disable: their processes drain within seconds", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        """Its processes end in order, new ones are refused."""
        count = queryset.update(enabled=False)
        self.message_user(request, f"{count} workers are disabled: their processes drain.", messages.SUCCESS)

    def _issue(self, request: HttpRequest, worker: Worker) -> None:
        try:
            _, key = WorkerKey.objects.issue(worker)
        except TooManyKeys as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"The key of {worker.name}, shown this once: {key}", messages.SUCCESS)


@admin.register(WorkerKey)
class WorkerKeyAdmin(admin.ModelAdmin):
    """Look and revoke."""

    list_display = ("shown", "worker", "created_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("worker",)
    search_fields = ("shown", "worker__name")
    readonly_fields = ("worker", "shown", "created_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By the worker's action."""
        return False

    @admin.action(description="Revoke: their processes drain within seconds", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: Any) -> None:
        """For good."""
        self.message_user(request, f"Revoked {keys.revoke()} keys.", messages.SUCCESS)
