"""Availability: how well each model of the catalogue is served at this moment."""

from collections import Counter, defaultdict
from typing import TypedDict

from django.db.models import Count

from chats.models import Message, Pause, State
from chats.positions import estimate_s, mean_reply_s
from chats.redis import sync_redis
from inference import catalogue
from inference.sessions import SessionInfo, SyncSessionRegistry


class AvailabilityRead(TypedDict):
    """How well a model is served now. `estimate_s`: until a reply asked for now begins; null: nobody knows."""

    name: str
    workers: int
    seats: int
    free_seats: int
    waiting: int
    paused: bool
    estimate_s: float | None


def availability() -> list[AvailabilityRead]:
    """Every model in the catalogue's order: one look at Redis, two queries, and one for each model that is waited for.

    Raises redis.RedisError when Redis is away.
    """
    serving: dict[str, list[SessionInfo]] = defaultdict(list)
    for session in SyncSessionRegistry(sync_redis()).live().values():
        if session.open:
            serving[session.compat_hash].append(session)
    rows = Message.objects.filter(state=State.PENDING).order_by().values_list("compat_hash").annotate(Count("id"))
    waiting = Counter(dict(rows))
    paused = set(Pause.objects.values_list("compat_hash", flat=True))
    return [
        _of(config.name, serving[config.compat_hash], waiting[config.compat_hash], config.compat_hash, paused)
        for config in catalogue.current()
    ]


def _of(name: str, workers: list[SessionInfo], waiting: int, compat_hash: str, paused: set[str]) -> AvailabilityRead:
    seats = sum(each.max_parallel_requests for each in workers)
    free = sum(each.free_seats for each in workers)
    is_paused = compat_hash in paused
    if is_paused or not seats:
        until = None
    elif free > waiting:
        until = 0.0
    else:
        until = estimate_s(position=waiting, seats=seats, reply_s=mean_reply_s(compat_hash))
    return AvailabilityRead(
        name=name,
        workers=len(workers),
        seats=seats,
        free_seats=free,
        waiting=waiting,
        paused=is_paused,
        estimate_s=until,
    )
