"""Settings of workers that cannot be meant."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register
def debug_keys_without_debug(**_: Any) -> list[CheckMessage]:
    """DEBUG_API_KEYS does nothing without DEBUG: whoever set both believes something else."""
    if settings.DEBUG_API_KEYS and not settings.DEBUG:
        return [
            Warning(
                "DEBUG_API_KEYS is set, and DEBUG is off: these keys let nobody in.",
                hint="Leave it out, and let workers in with `manage.py create_worker NAME`.",
                id="workers.W001",
            )
        ]
    return []


@register(deploy=True)
def workers_show_keys(**_: Any) -> list[CheckMessage]:
    """Whoever reaches the broker could read prompts, and answer them."""
    if settings.WORKER_KEYS_REQUIRED:
        return []
    return [
        Warning(
            "WORKER_KEYS_REQUIRED is off: whoever reaches the broker is a worker.",
            hint="Leave it out, and let workers in with `manage.py create_worker NAME`.",
            id="workers.W002",
        )
    ]
