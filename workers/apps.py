"""The Django app of the GPU workers."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    """Workers, their events, and the Celery tasks that they serve."""

    name = "workers"
    verbose_name = "Workers"

    def ready(self) -> None:
        """Register the system checks."""
        from workers import checks  # noqa: F401
