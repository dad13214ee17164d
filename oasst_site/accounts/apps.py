"""The Django application of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The user model, and what must not be set in production."""

    name = "oasst_site.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register the system checks."""
        from oasst_site.accounts import checks  # noqa: F401
