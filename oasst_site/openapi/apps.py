"""The Django application of the documentation's pages."""

from django.apps import AppConfig


class OpenApiConfig(AppConfig):
    """Templates, and drf-spectacular's knowledge of our fields and logins."""

    name = "oasst_site.openapi"
    label = "openapi"

    def ready(self) -> None:
        """Make the extensions known: drf-spectacular keeps a registry of the classes that it has seen."""
        from oasst_site.openapi import extensions  # noqa: F401
