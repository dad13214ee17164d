"""The Django application of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the user model."""

    name = "oasst_site.accounts"
    label = "accounts"
