"""How long ago a reconciler last looked: written by it, read by /readyz and /metrics. Redis' clock alone counts."""

from redis import Redis

KEY = "reconciler.looked_at"


def note_look(client: Redis) -> None:
    """Record that a reconciler has just looked. Raises redis.RedisError."""
    client.set(KEY, repr(_now(client)))


def reconciler_age_s(client: Redis) -> float | None:
    """Seconds since the last look, None when there never was one. Raises redis.RedisError."""
    looked_at = client.get(KEY)
    if not isinstance(looked_at, bytes):
        return None
    return max(0.0, _now(client) - float(looked_at))


def _now(client: Redis) -> float:
    seconds, microseconds = client.time()  # type: ignore[misc]  # redis-py types its answers as perhaps awaitable
    return int(seconds) + int(microseconds) / 1e6
