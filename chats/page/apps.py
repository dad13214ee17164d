"""The Django application of the browser page: its templates and static files."""

from django.apps import AppConfig


class PageConfig(AppConfig):
    """Lets Django find templates/ and static/ of this folder."""

    name = "chats.page"
    label = "page"
