"""Settings of accounts that must not go into production (`manage.py check --deploy`)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register(deploy=True)
def no_debug_login(**_: Any) -> list[CheckMessage]:
    """With debug login anybody is whoever they say."""
    if not settings.ALLOW_DEBUG_AUTH:
        return []
    return [
        Error(
            "ALLOW_DEBUG_AUTH is on: a name is enough to log in.",
            hint="Set ALLOW_DEBUG_AUTH=false.",
            id="accounts.E001",
        )
    ]


@register(deploy=True)
def limits_are_on(**_: Any) -> list[CheckMessage]:
    """Without limits passwords can be guessed, and one person's program can fill the queues."""
    if settings.RATE_LIMIT:
        return []
    return [Warning("RATE_LIMIT is off.", hint="Set RATE_LIMIT=true.", id="accounts.W001")]
