"""Probes: is the process alive (/healthz), and can it serve (/readyz)."""

import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db import connection
from django.http import HttpRequest, JsonResponse

from chats.redis import sync_redis
from workers.reconciler_age import reconciler_age_s

RECONCILER_LATE_S = 10.0


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Each dependency with its state and how long the look took; 503 while any is down."""
    checks = {"database": _database, "redis": _redis, "broker": _broker, "reconciler": _reconciler}
    report = {name: _look(check) for name, check in checks.items()}
    ready = all(entry["ok"] for entry in report.values())
    return JsonResponse({"ready": ready, "checks": report}, status=200 if ready else 503)


def _look(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    started = time.monotonic()
    try:
        entry = {"ok": True} | check()
    except Exception as error:  # each dependency has its own errors; the probe tells them all
        entry = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return entry | {"took_ms": round((time.monotonic() - started) * 1000, 1)}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def _redis() -> dict[str, Any]:
    sync_redis().ping()
    return {}


def _broker() -> dict[str, Any]:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return {}


def _reconciler() -> dict[str, Any]:
    age = reconciler_age_s(sync_redis())
    if age is None:
        return {"ok": False, "error": "never seen: start `celery -A oasst_site worker -Q maintenance`"}
    return {"ok": age < RECONCILER_LATE_S, "age_s": round(age, 1)}
