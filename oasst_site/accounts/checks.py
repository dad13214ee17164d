"""Settings of accounts that must not go into production (`manage.py check --deploy`)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

SHORTEST_TOKEN = 20


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


@register
def no_short_secrets(**_: Any) -> list[CheckMessage]:
    """ROOT_TOKEN and TRUSTED_CLIENT_KEYS are as good as passwords of everybody."""
    if settings.DEBUG:
        return []
    secrets = {"ROOT_TOKEN": [settings.ROOT_TOKEN], "TRUSTED_CLIENT_KEYS": settings.TRUSTED_CLIENT_KEYS}
    return [
        Error(
            f"{name} holds a secret of {len(secret)} characters: it can be guessed.",
            hint=f"Give {SHORTEST_TOKEN} random characters or more, or leave {name} out.",
            id="accounts.E002",
        )
        for name, values in secrets.items()
        for secret in values
        if secret and len(secret) < SHORTEST_TOKEN
    ]


@register
def providers_have_both_keys(**_: Any) -> list[CheckMessage]:
    """A provider whose secret is missing is off, which is not what was meant."""
    halves = []
    for name in ("GITHUB", "GOOGLE", "DISCORD"):
        given = [getattr(settings, f"AUTH_{name}_CLIENT_{part}") for part in ("ID", "SECRET")]
        if any(given) and not all(given):
            halves.append(name)
    return [
        Error(
            f"AUTH_{name}_CLIENT_ID and AUTH_{name}_CLIENT_SECRET: one is set, the other is not.",
            hint="Set both, or none.",
            id="accounts.E003",
        )
        for name in halves
    ]
