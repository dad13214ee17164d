"""Which Worker a process is: the key that it presents, and whether that key is still good.

A process asks Postgres itself, once at its start and then every few seconds: a revoked key or a disabled worker ends it
in order, without anybody reaching its machine.
"""

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from workers.models import Worker, WorkerKey
from workers.models.key import digest_of


class Refused(Exception):
    """The process may not serve; the message is for its operator."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A Worker, as one of its processes has shown it to be. key_id: None for one of DEBUG_API_KEYS."""

    worker_id: int
    name: str
    key_id: int | None


def identify(key: str | None) -> Identity | None:
    """The Worker of this key; None: no key was presented, and none is asked for (WORKER_KEYS_REQUIRED).

    Raises Refused for an unknown or revoked key, a disabled worker, or no key where one is required; database errors.
    """
    if not key:
        if settings.WORKER_KEYS_REQUIRED:
            raise Refused(
                "no key: a worker needs one here. Make it with `manage.py create_worker NAME` and give it as API_KEY, "
                "or as a file named by API_KEY_FILE (WORKER_KEYS_REQUIRED=false lets workers in without)"
            )
        return None
    if settings.DEBUG and _is_debug_key(key):
        worker, _ = Worker.objects.get_or_create(name=f"debug-{digest_of(key)[:8]}")
        identity = Identity(worker.pk, worker.name, None)
    else:
        row = WorkerKey.objects.of(key)
        if row is None:
            raise Refused(
                "the key is unknown here. Make one with `manage.py create_worker NAME`, or check API_KEY "
                "and DATABASE_URL"
            )
        if row.revoked_at is not None:
            raise Refused(
                f"the key {row.shown}… of worker {row.worker.name!r} was revoked at {row.revoked_at:%Y-%m-%d %H:%M} "
                f"UTC. Make another with `manage.py rotate_worker_key {row.worker.name}`"
            )
        WorkerKey.objects.filter(pk=row.pk).update(last_used_at=timezone.now())
        worker, identity = row.worker, Identity(row.worker.pk, row.worker.name, row.pk)
    if not worker.enabled:
        raise Refused(f"worker {worker.name!r} is disabled. Enable it in the admin, under Workers")
    return identity


def why_not_any_more(identity: Identity) -> str:
    """Why a process of this identity must end, a phrase; empty while it may serve. Raises database errors."""
    worker = Worker.objects.filter(pk=identity.worker_id).first()
    if worker is None:
        return f"worker {identity.name!r} was deleted"
    if not worker.enabled:
        return f"worker {identity.name!r} was disabled"
    if identity.key_id is not None and not WorkerKey.objects.good().filter(pk=identity.key_id).exists():
        return f"its key of worker {identity.name!r} was revoked"
    return ""


def _is_debug_key(key: str) -> bool:
    return any(hmac.compare_digest(key.encode(), each.encode()) for each in settings.DEBUG_API_KEYS)
