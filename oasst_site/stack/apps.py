"""The stack as a Django app, so that its commands are found."""

from django.apps import AppConfig


class StackConfig(AppConfig):
    """No models: only management commands."""

    name = "oasst_site.stack"
    label = "stack"
