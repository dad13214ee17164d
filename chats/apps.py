"""The Django application of chats."""

from django.apps import AppConfig


class ChatsConfig(AppConfig):
    """Registers Chat and Message."""

    name = "chats"
