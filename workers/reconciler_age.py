"""How long ago the reconciler last finished its round: told by a key in Redis whose remaining life is the clock.

No wall clock is compared between machines: the age is read from Redis' own countdown.
"""

import redis

KEY = "reconciler"
KEPT_S = 3600
"""After an hour without a round nothing is known any more."""


def note_round(client: redis.Redis) -> None:
    """A round is done. Raises redis.RedisError when Redis is away."""
    client.set(KEY, b"1", ex=KEPT_S)


def reconciler_age_s(client: redis.Redis) -> float | None:
    """Seconds since the last round; None: no round is known. Raises redis.RedisError when Redis is away."""
    left_ms = client.pttl(KEY)
    assert isinstance(left_ms, int), "a synchronous client answers at once"
    return None if left_ms < 0 else KEPT_S - left_ms / 1000
