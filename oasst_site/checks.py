"""Settings that must not go into production (`manage.py check --deploy`), beside those of accounts and workers.

Django's own checks see to cookies, HSTS, DEBUG and the strength of SECRET_KEY.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from oasst_site.impossible import impossible

HERE = {"localhost", "127.0.0.1", "[::1]", "::1", ""}
KNOWN_PASSWORDS = ("postgres", "password", "admin", "oasst", "changeme", "secret", "redis")


@register
def may_start(**_: Any) -> list[CheckMessage]:
    """What the start itself would refuse."""
    return [Error(problem, id="site.E001") for problem in impossible(settings)]


@register(deploy=True)
def fit_for_others(**_: Any) -> list[CheckMessage]:
    """What one machine's development may have, and a service for others may not."""
    looks: tuple[Callable[[], Iterator[CheckMessage]], ...] = (_hosts, _https, _servers, _metrics, _texts)
    return [message for look in looks for message in look()]


def _hosts() -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS holds *: the site answers to any name, also to one that an attacker made up.",
            hint="Name the hosts: ALLOWED_HOSTS=chat.example.org",
            id="site.W001",
        )
    elif set(settings.ALLOWED_HOSTS) <= HERE:
        yield Warning(
            f"ALLOWED_HOSTS is {','.join(settings.ALLOWED_HOSTS)}: nobody else reaches the site.",
            hint="Name the hosts that people type: ALLOWED_HOSTS=chat.example.org",
            id="site.W002",
        )


def _https() -> Iterator[CheckMessage]:
    if not settings.HTTPS:
        yield Warning(
            "HTTPS is off: cookies and passwords go over the network for anybody to read.",
            hint="Let a proxy speak TLS and set X-Forwarded-Proto, then set HTTPS=true.",
            id="site.W003",
        )
        return
    if settings.TRUSTED_PROXIES < 1:
        yield Warning(
            "HTTPS is on and TRUSTED_PROXIES is 0: everybody seems to come from the proxy's address, "
            "and shares its limit of passwords tried.",
            hint="Set TRUSTED_PROXIES to the number of proxies in front, mostly 1.",
            id="site.W004",
        )
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if not origin.startswith("https://"):
            yield Warning(
                f"CSRF_TRUSTED_ORIGINS holds {origin}, which is not https.",
                hint="Pages that may log in are to be reached by https, too.",
                id="site.W005",
            )


def _servers() -> Iterator[CheckMessage]:
    for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        parts = urlsplit(getattr(settings, name))
        if parts.password in KNOWN_PASSWORDS:
            yield Error(
                f"{name} has the password {parts.password!r}, which is tried first.",
                hint="Give the server a random one.",
                id="site.E002",
            )
        elif not parts.password and parts.hostname not in HERE and name != "DATABASE_URL":
            yield Warning(
                f"{name} has no password, and the server is on another machine.",
                hint="Let it ask for one, unless the network is your own (requirepass; redis://:PASSWORD@HOST).",
                id="site.W006",
            )
    size = settings.DATABASES["default"].get("OPTIONS", {}).get("pool", {}).get("max_size")
    if size is not None and size < settings.DATABASE_THREADS:
        yield Warning(
            f"DATABASE_POOL_SIZE is {size} and DATABASE_THREADS {settings.DATABASE_THREADS}: "
            "threads wait for connections, and requests fail under load.",
            hint="Give the pool as many connections as there are threads, or more.",
            id="site.W007",
        )


def _metrics() -> Iterator[CheckMessage]:
    if not settings.METRICS_TOKEN:
        yield Warning(
            "METRICS_TOKEN is empty: whoever reaches /metrics reads it.",
            hint="Set METRICS_TOKEN, and give it to Prometheus (authorization.credentials).",
            id="site.W008",
        )


def _texts() -> Iterator[CheckMessage]:
    if settings.LOG_TEXT:
        yield Warning("LOG_TEXT is on: the logs hold what people write.", hint="Leave LOG_TEXT out.", id="site.W009")
