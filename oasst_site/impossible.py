"""Settings with which no process may start: each says in a line what is wrong and what would be right.

What may start and yet must not go into production is a check of `manage.py check --deploy` (checks.py).
"""

from collections.abc import Iterator
from typing import Any

DATABASE_SCHEMES = ("postgres", "postgresql", "pgsql")
REDIS_SCHEMES = ("redis", "rediss", "unix")
BROKERS_OF_ONE_PROCESS = ("memory", "filesystem", "sqla", "django")
SHORTEST_SECRET = 20
AT_LEAST_ONE = (
    *("DATABASE_THREADS", "MESSAGE_MAX_LENGTH", "CHAT_MAX_MESSAGES", "MAX_ATTEMPTS", "MAX_BODY_BYTES"),
    *("ASSISTANT_MESSAGE_TIMEOUT", "ENGINE_TOKEN_TIMEOUT_S", "RATE_LIMIT_MESSAGES_USER_TIMES"),
    *("RATE_LIMIT_MESSAGES_USER_SECONDS", "RATE_LIMIT_LOGIN_TIMES", "RATE_LIMIT_LOGIN_SECONDS"),
)
NOT_NEGATIVE = (
    *("FAIR_SHARE_S", "WORK_QUEUE_MAX_SIZE", "MAX_PENDING_PER_USER", "USER_DAILY_TOKENS", "TRUSTED_PROXIES"),
    *("RETENTION_HIDDEN_CHATS_DAYS", "RETENTION_WORKER_EVENTS_DAYS", "RETENTION_COMPLIANCE_CHECKS_DAYS"),
    *("COMPLIANCE_CHECK_INTERVAL", "COMPLIANCE_CHECK_TIMEOUT"),
)


def impossible(settings: Any) -> list[str]:
    """What is wrong with these settings; empty: a process may start."""
    return [*_servers(settings), *_numbers(settings), *_secrets(settings), *_providers(settings)]


def _servers(settings: Any) -> Iterator[str]:
    for name, schemes, example in (
        ("DATABASE_URL", DATABASE_SCHEMES, "postgres://USER:PASSWORD@HOST:5432/NAME"),
        ("REDIS_URL", REDIS_SCHEMES, "redis://:PASSWORD@HOST:6379/0"),
    ):
        if (scheme := _scheme(getattr(settings, name))) not in schemes:
            yield f"{name} begins with {scheme!r}; it must be like {example}."
    if (scheme := _scheme(settings.CELERY_BROKER_URL)) in BROKERS_OF_ONE_PROCESS:
        yield (
            f"CELERY_BROKER_URL begins with {scheme!r}, which workers on other machines cannot reach: "
            "leave it out for REDIS_URL, or give one like amqp://USER:PASSWORD@HOST//."
        )
    if (size := settings.DATABASES["default"].get("OPTIONS", {}).get("pool", {}).get("max_size", 1)) < 1:
        yield f"DATABASE_POOL_SIZE is {size}; it must be 1 or more."


def _numbers(settings: Any) -> Iterator[str]:
    for names, least, bound in ((AT_LEAST_ONE, 1, "1 or more"), (NOT_NEGATIVE, 0, "0 or more")):
        for name in names:
            if (value := getattr(settings, name)) < least:
                yield f"{name} is {value:g}; it must be {bound}."


def _secrets(settings: Any) -> Iterator[str]:
    if settings.DEBUG:
        return
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY:
        yield "SECRET_KEY is the one for development, which everybody knows: set it to a long random string."
    secrets = {"ROOT_TOKEN": [settings.ROOT_TOKEN], "TRUSTED_CLIENT_KEYS": settings.TRUSTED_CLIENT_KEYS}
    for name, values in secrets.items():
        for secret in values:
            if secret and len(secret) < SHORTEST_SECRET:
                yield (
                    f"{name} holds a secret of {len(secret)} characters, which can be guessed: "
                    f"give {SHORTEST_SECRET} random characters or more, or leave {name} out."
                )


def _providers(settings: Any) -> Iterator[str]:
    for name in ("GITHUB", "GOOGLE", "DISCORD"):
        parts = [f"AUTH_{name}_CLIENT_{part}" for part in ("ID", "SECRET")]
        given = [bool(getattr(settings, part)) for part in parts]
        if any(given) and not all(given):
            yield f"{parts[0]} and {parts[1]}: one is set, the other is not; set both, or none."


def _scheme(url: str) -> str:
    return url.partition("://")[0].partition("+")[0].lower()
