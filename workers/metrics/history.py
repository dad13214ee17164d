"""The last hour as the reconciler saw it: a short list in Redis, for the plots of the admin's live page."""

import time
from dataclasses import dataclass
from typing import Any, cast

import orjson
import redis

KEY = "service.samples"
EVERY_S = 10.0
KEPT = 360
"""An hour."""


@dataclass(frozen=True, slots=True)
class Sample:
    """at: seconds since 1970, by the reconciler's clock. waiting: replies. tokens_per_s: of all sessions."""

    at: float
    waiting: int
    tokens_per_s: float


def note_sample(client: redis.Redis, *, waiting: int, tokens_per_s: float) -> None:
    """Add one, forget the oldest. Raises redis.RedisError."""
    pipe = client.pipeline(transaction=False)
    pipe.lpush(KEY, orjson.dumps([time.time(), waiting, round(tokens_per_s, 1)]))
    pipe.ltrim(KEY, 0, KEPT - 1)
    pipe.expire(KEY, int(KEPT * EVERY_S))
    pipe.execute()


def samples(client: redis.Redis) -> list[Sample]:
    """Oldest first. Raises redis.RedisError."""
    raw = cast("list[Any]", client.lrange(KEY, 0, KEPT - 1))
    return [Sample(*orjson.loads(each)) for each in reversed(raw)]
