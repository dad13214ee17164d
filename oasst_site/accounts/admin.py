"""Users and their API keys in the Django admin."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from chats.models import Chat
from oasst_site.accounts.deletion import delete_account
from oasst_site.accounts.models import ApiKey, User
from oasst_site.accounts.tokens import revoke_tokens


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's own user admin with the login provider."""

    list_display = ("username", "display_name", "provider", "is_staff", "is_active", "date_joined")
    list_filter = ("provider", "is_staff", "is_active")
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ()),
        ("Provider", {"fields": ("provider", "provider_account_id", "display_name")}),
    )
    actions = ("log_out_everywhere",)

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """An account goes with all in it: chats are counted, not listed, and need no permission of their own."""
        users = list(objs)
        counts = {"users": len(users), "chats": Chat.objects.filter(user__in=users).count()}
        missing = set() if self.has_delete_permission(request) else {"user"}
        return [str(user) for user in users], counts, missing, []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """What runs in the account is stopped, too."""
        delete_account(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """As delete_model, for each."""
        for user in queryset:
            delete_account(user)

    @admin.action(description="Log out everywhere: revoke refresh tokens and API keys", permissions=["change"])
    def log_out_everywhere(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Access tokens end by themselves, within ACCESS_TOKEN_LIFETIME_S."""
        tokens = sum(revoke_tokens(user) for user in users)
        keys = ApiKey.objects.filter(user__in=users).revoke()
        self.message_user(request, f"Revoked {tokens} refresh tokens and {keys} API keys.")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Look and revoke. Keys are made by their owners: nobody else should see one."""

    list_display = ("name", "shown", "user", "scopes", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "shown", "user__username")
    list_select_related = ("user",)
    readonly_fields = ("user", "name", "shown", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not here."""
        return False

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: Any) -> None:
        """At once and for good."""
        self.message_user(request, f"Revoked {keys.revoke()} API keys.")
