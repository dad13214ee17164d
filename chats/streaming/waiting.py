"""How long those who wait will wait: live workers and recent replies of each queue, looked up rarely."""

import time
from dataclasses import dataclass

from chats.database import in_database
from chats.positions import estimate_s, mean_reply_s
from chats.redis import async_redis
from inference.sessions import SessionRegistry

MEAN_MAX_AGE_S = 10.0


@dataclass(frozen=True, slots=True)
class QueueEstimate:
    """One queue's live workers, their seats, and how long a reply lately took (seconds)."""

    workers: int
    seats: int
    reply_s: float

    def until(self, position: int) -> float | None:
        """Seconds until the reply at this position (from 0) begins; None while nobody has a seat."""
        return estimate_s(position=position, seats=self.seats, reply_s=self.reply_s)


class WaitEstimates:
    """The estimates of one web process. Sessions are looked up at each call, means every MEAN_MAX_AGE_S."""

    def __init__(self) -> None:
        self._registry = SessionRegistry(async_redis())
        self._means: dict[str, tuple[float, float]] = {}

    async def of(self, compat_hashes: set[str]) -> dict[str, QueueEstimate]:
        """The estimate of each of these queues. Raises redis.RedisError when Redis is away."""
        sessions = list((await self._registry.live()).values())
        estimates = {}
        for compat_hash in compat_hashes:
            serving = [each for each in sessions if each.compat_hash == compat_hash]
            estimates[compat_hash] = QueueEstimate(
                workers=sum(each.open for each in serving),
                seats=sum(each.max_parallel_requests for each in serving if each.open),
                reply_s=await self._mean(compat_hash),
            )
        return estimates

    async def _mean(self, compat_hash: str) -> float:
        looked_at, mean = self._means.get(compat_hash, (float("-inf"), 0.0))
        if time.monotonic() - looked_at > MEAN_MAX_AGE_S:
            mean = await in_database(mean_reply_s, compat_hash)
            self._means[compat_hash] = (time.monotonic(), mean)
        return mean
