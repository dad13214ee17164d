"""The Django application of the documentation's pages."""

from django.apps import AppConfig


class OpenApiConfig(AppConfig):
    """Templates."""

    name = "oasst_site.openapi"
    label = "openapi"
