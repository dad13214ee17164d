"""What the live page shows, gathered from Redis and Postgres."""

from typing import Any

from chats.models import Pause
from chats.models.service import WHOLE_SERVICE
from chats.redis import sync_redis
from inference import catalogue
from inference.sessions import SessionInfo, SyncSessionRegistry
from workers.admin.plot import plot
from workers.metrics import WINDOW, queries
from workers.metrics.history import samples
from workers.models import Worker
from workers.reconciler_age import reconciler_age_s

GIB = 2**30


def look() -> dict[str, Any]:
    """Sessions, queues and plots. Raises redis.RedisError and database errors."""
    client = sync_redis()
    sessions = sorted(SyncSessionRegistry(client).list().values(), key=lambda session: session.worker_name)
    history = samples(client)
    names = dict(
        Worker.objects.filter(pk__in=[each.worker_id for each in sessions if each.worker_id]).values_list("pk", "name")
    )
    pauses = {pause.pk: pause for pause in Pause.objects.all()}
    return {
        "sessions": [_session(each, names) for each in sessions],
        "queues": _queues(sessions, pauses),
        "service_pause": pauses.get(WHOLE_SERVICE),
        "reconciler_age_s": reconciler_age_s(client),
        "plots": [
            plot("Replies that wait", [(each.at, each.waiting) for each in history]),
            plot("Tokens per second", [(each.at, each.tokens_per_s) for each in history]),
        ],
    }


def _session(session: SessionInfo, names: dict[int, str]) -> dict[str, Any]:
    hardware, metrics = session.hardware, session.metrics
    loads = metrics.get("gpus") or []
    return {
        "info": session,
        "worker": names.get(session.worker_id or 0, ""),
        "cpus": hardware.get("cpu_count_logical"),
        "memory_gib": round((hardware.get("mem_total") or 0) / GIB, 1),
        "gpus": [
            {
                "name": gpu["name"],
                "gib": round(gpu["total_memory"] / GIB, 1),
                "load": loads[at] if at < len(loads) else None,
            }
            for at, gpu in enumerate(hardware.get("gpus") or [])
        ],
        "cpu_usage": metrics.get("cpu_usage"),
        "mem_usage": metrics.get("mem_usage"),
        "tokens_per_s": metrics.get("tokens_per_s"),
    }


def _queues(sessions: list[SessionInfo], pauses: dict[str, Pause]) -> list[dict[str, Any]]:
    """Every queue that the catalogue, a session, a pause or a waiting reply knows."""
    looks = {each.compat_hash: each for each in queries.look_at_queues()}
    ended: dict[str, int] = {}
    for (model, _), count in queries.ended(WINDOW).items():
        ended[model] = ended.get(model, 0) + count
    names = {each.compat_hash: each.name for each in _catalogue()}
    names |= {each.compat_hash: each.model_config_name for each in sessions}
    names |= {each.compat_hash: each.model for each in looks.values()}
    names |= {compat_hash: compat_hash for compat_hash in pauses if compat_hash not in names and compat_hash}
    return [
        {
            "compat_hash": compat_hash,
            "model": name,
            "waiting": looks[compat_hash].waiting if compat_hash in looks else 0,
            "running": looks[compat_hash].running if compat_hash in looks else 0,
            "oldest_wait_s": looks[compat_hash].oldest_wait_s if compat_hash in looks else None,
            "per_minute": round(ended.get(name, 0) / (WINDOW.total_seconds() / 60), 1),
            "workers": sum(each.compat_hash == compat_hash for each in sessions),
            "seats": sum(
                each.max_parallel_requests for each in sessions if each.open and each.compat_hash == compat_hash
            ),
            "pause": pauses.get(compat_hash),
        }
        for compat_hash, name in sorted(names.items(), key=lambda entry: entry[1])
    ]


def _catalogue() -> list[Any]:
    try:
        return list(catalogue.current())
    except (catalogue.CatalogueError, OSError):
        return []
