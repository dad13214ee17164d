"""The doctor as a Django app, so that its command is found; it registers the checks of the site's settings."""

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    """No models."""

    name = "oasst_site.doctor"
    label = "doctor"

    def ready(self) -> None:
        """Register the system checks."""
        from oasst_site import checks  # noqa: F401
