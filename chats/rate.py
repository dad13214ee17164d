"""How often somebody may do something: a sliding window for each person and kind of act, kept in Redis.

Exact under any number of web processes, since one script looks and counts. With Redis away nobody is held up.
"""

import logging
import secrets
from math import ceil

from django.conf import settings
from django.utils.translation import ngettext
from redis import RedisError

from chats.circuit import Circuit
from chats.errors import TooMany
from chats.redis import sync_redis

logger = logging.getLogger(__name__)

_redis = Circuit(again_after_s=1.0)
"""While Redis hangs, one caller a second waits for it; the others are let through at once."""

PROMPTS, REPLIES = "prompter_message", "assistant_message"
"""What RATE_LIMIT_MESSAGES_USER_TIMES bounds: prompts and replies each, as in Open-Assistant."""

SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + ARGV[2] - now
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 0
"""
"""Counts one act, or returns the milliseconds until there is room for one."""


def take(kind: str, who: object, *, times: int, seconds: float) -> float:
    """Count one act of this kind; 0, or the seconds until there is room again (then it is not counted).

    0 also while RATE_LIMIT is off and while Redis is away: a limit is no reason to turn people away.
    """
    if not settings.RATE_LIMIT or times <= 0 or not _redis.closed():
        return 0.0
    try:
        wait_ms = sync_redis().eval(SCRIPT, 1, _key(kind, who), times, ceil(seconds * 1000), secrets.token_hex(8))
    except (RedisError, OSError) as error:
        _redis.failed()
        logger.warning("Not counted: Redis is away (%s)", error)
        return 0.0
    _redis.succeeded()
    return float(wait_ms) / 1000


def forget(kind: str, who: object) -> None:
    """Begin anew: nothing was done yet."""
    try:
        sync_redis().delete(_key(kind, who))
    except (RedisError, OSError) as error:
        logger.warning("Not forgotten: Redis is away (%s)", error)


def take_message(kind: str, user_id: object) -> float:
    """Count a prompt or a reply of this user; 0, or the seconds until there is room again."""
    return take(
        kind,
        user_id,
        times=settings.RATE_LIMIT_MESSAGES_USER_TIMES,
        seconds=settings.RATE_LIMIT_MESSAGES_USER_SECONDS,
    )


def require_message(kind: str, user_id: object) -> None:
    """Count a prompt or a reply of this user. Raises TooMany with the seconds to wait."""
    if wait_s := take_message(kind, user_id):
        raise TooMany(too_often(wait_s), retry_after_s=ceil(wait_s))


def too_often(wait_s: float) -> str:
    """What somebody is told who must wait so many seconds."""
    seconds = ceil(wait_s)
    sentence = ngettext(
        "That is too often: try again in %(seconds)s second.",
        "That is too often: try again in %(seconds)s seconds.",
        seconds,
    )
    return sentence % {"seconds": seconds}


def _key(kind: str, who: object) -> str:
    return f"rate:{kind}:{who}"
