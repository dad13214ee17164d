"""Users in the Django admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from oasst_site.accounts.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's own user admin with the login provider."""

    list_display = ("username", "display_name", "provider", "is_staff", "is_active", "date_joined")
    list_filter = ("provider", "is_staff", "is_active")
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ()),
        ("Provider", {"fields": ("provider", "provider_account_id", "display_name")}),
    )
