"""Looks at the servers: Postgres, Redis, the broker, the Channels layer. Each look is told when it hangs."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db.migrations.loader import MigrationLoader

from chats.direct_connection import direct_connection
from oasst_site.doctor.finding import Finding, doubtful, fine, wrong
from oasst_site.health.dependencies import ChannelLayer
from oasst_site.health.dependencies import broker as look_at_broker
from oasst_site.stack.given import OLDEST_POSTGRES, masked
from oasst_site.stack.readiness import client

SKEW_S = 2.0
"""Clocks further apart than this: tokens of login end early, waits are told wrongly."""


def database() -> Iterator[Finding]:
    """Reachable, new enough, UTF-8, migrated, the same time, connections enough, no known password."""
    began = time.monotonic()
    with direct_connection("doctor") as connection:
        took_ms = (time.monotonic() - began) * 1000
        number = connection.info.server_version
        told = f"PostgreSQL {number // 10_000}.{number % 10_000} at {masked(settings.DATABASE_URL)}, {took_ms:.0f} ms"
        if number < OLDEST_POSTGRES * 10_000:
            yield wrong("database", told, f"It must be {OLDEST_POSTGRES} or newer.")
        else:
            yield fine("database", told)
        (encoding,) = _row(connection, "SHOW server_encoding")
        if encoding != "UTF8":
            yield wrong(
                "database", f"its encoding is {encoding}", "Make the database with ENCODING 'UTF8', and move the data."
            )
        here = time.time()
        (there,) = _row(connection, "SELECT extract(epoch FROM clock_timestamp())::float")
        yield from _clock("Postgres", there - here)
        (most,) = _row(connection, "SHOW max_connections")
        size = settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 1)
        if int(most) < size + 5:
            yield doubtful(
                "database",
                f"max_connections is {most}, and one process alone takes up to {size} (DATABASE_POOL_SIZE)",
                "Raise max_connections to DATABASE_POOL_SIZE times the processes, or make the pools smaller.",
            )
        yield from _migrations(connection)


def _migrations(connection: Any) -> Iterator[Finding]:
    on_disk = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    (there,) = _row(connection, "SELECT to_regclass('django_migrations') IS NOT NULL")
    applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall()) if there else set()
    missing = sorted(f"{app}.{name}" for app, name in on_disk - applied)
    ours = {"chats", "workers", "accounts"}
    newer = sorted(f"{app}.{name}" for app, name in applied - on_disk if app in ours)
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        yield wrong("migrations", f"{len(missing)} are not applied: {shown}", "python manage.py migrate")
    else:
        yield fine("migrations", f"all {len(on_disk)} are applied")
    if newer:
        yield doubtful("migrations", f"a newer version has applied {', '.join(newer)}", "Update this process's code.")
    if not missing and not settings.DEBUG:
        yield from _known_admin(connection)


def _known_admin(connection: Any) -> Iterator[Finding]:
    rows = connection.execute(
        "SELECT username, password FROM accounts_user WHERE is_superuser AND is_active AND username = 'admin'"
    ).fetchall()
    if any(check_password("admin", password) for _, password in rows):
        yield wrong("accounts", "the superuser admin has the password admin", "python manage.py changepassword admin")


def redis_server() -> Iterator[Finding]:
    """Reachable, forgets nothing, the same time."""
    began = time.monotonic()
    with closing(client(settings.REDIS_URL)) as connection:
        info: Any = connection.info()
        took_ms = (time.monotonic() - began) * 1000
        name = "Valkey" if "valkey_version" in info else "Redis"
        number = info.get("valkey_version") or info.get("redis_version")
        yield fine("redis", f"{name} {number} at {masked(settings.REDIS_URL)}, {took_ms:.0f} ms")
        if info.get("role") not in (None, "master"):
            yield wrong("redis", f"it is a {info['role']}: nothing can be written", "Give the address of the primary.")
        if (policy := info.get("maxmemory_policy", "noeviction")) != "noeviction":
            yield wrong(
                "redis",
                f"maxmemory-policy is {policy}: under pressure it throws away tickets and running replies",
                "Set maxmemory-policy noeviction, and maxmemory to what the machine has.",
            )
        if not int(info.get("aof_enabled", 0)):
            yield doubtful(
                "redis",
                "appendonly is off: a restart forgets the tickets and the text of running replies",
                "Set appendonly yes. (Postgres has the messages; the reconciler sends their tickets again.)",
            )
        if info.get("rdb_last_bgsave_status", "ok") != "ok" or info.get("aof_last_write_status", "ok") != "ok":
            yield wrong("redis", "its last write to the disk failed", "Look into its log: mostly the disk is full.")
        used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
        if most and used > 0.9 * most:
            yield doubtful("redis", f"{used / most:.0%} of maxmemory is used", "Raise maxmemory.")
        seconds, micros = connection.time()
        yield from _clock(name, seconds + micros / 1e6 - time.time())


def the_broker() -> Iterator[Finding]:
    """It takes a connection."""
    began = time.monotonic()
    look_at_broker()
    kind = current_app.connection_for_write().transport_cls
    yield fine("broker", f"{kind} takes connections, {(time.monotonic() - began) * 1000:.0f} ms")


def channel_layer() -> Iterator[Finding]:
    """What is sent over it comes back."""
    began = time.monotonic()
    asyncio.run(ChannelLayer().once())
    yield fine("channel layer", f"a message went round in {(time.monotonic() - began) * 1000:.0f} ms")


def _clock(whose: str, ahead_s: float) -> Iterator[Finding]:
    if abs(ahead_s) > SKEW_S:
        how = f"{abs(ahead_s):.1f} s {'ahead of' if ahead_s > 0 else 'behind'}"
        yield doubtful(
            "clocks", f"{whose} is {how} this machine", "Let both keep time by NTP (timedatectl set-ntp true)."
        )
    else:
        yield fine("clocks", f"{whose} and this machine agree within {SKEW_S:g} s")


def _row(connection: Any, query: str) -> Any:
    return connection.execute(query).fetchone()
