"""The registry of worker sessions in Redis: who is connected, with what, and whether its counter still moves.

A session is one connected worker process. It writes a counter with its live numbers every ``BEAT_S``;
nobody's clock is in it, so that a reader judges by its own. One HGETALL (``live``) is a look at all
sessions; what never changes and is long (config, hardware) stands in a second hash and is read by ``list``.
Nothing here expires by itself: an orderly worker leaves, the reconciler forgets the dead, and a worker that
was forgotten comes back with its next beat.
"""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, cast
from uuid import UUID

import orjson
import redis
import redis.asyncio

logger = logging.getLogger(__name__)

BEAT_S = 0.5
"""Seconds between two beats of a session."""

LIVE_KEY = "sessions"
"""Hash: session id -> JSON of what moves (and the few fields that every look needs)."""

DETAILS_KEY = "sessions.details"
"""Hash: session id -> JSON of config and hardware, written once."""

_DETAILS = ("config", "hardware")

# Two keys of one hash each; removed only while the counter is the one that the reconciler judged.
_FORGET = """
local raw = redis.call('HGET', KEYS[1], ARGV[1])
if not raw then return 0 end
local ok, entry = pcall(cjson.decode, raw)
if ok and type(entry) == 'table' and entry.beat ~= tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
"""


@dataclass(frozen=True, kw_only=True)
class SessionInfo:
    """What a worker process tells about itself."""

    session_id: UUID
    worker_name: str
    """The Celery node name, ``NAME@HOST``."""
    model_config_name: str
    compat_hash: str
    """Which messages it can serve."""
    max_parallel_requests: int
    """Its seats: replies that it streams at a time."""
    started_at: str
    """ISO 8601, by the worker's own clock."""
    worker_id: int | None = None
    """The operator's Worker whose key the process has shown; None: it showed none."""
    beat: int = 0
    """Counts up while the process lives; says nothing by its height."""
    replies: list[str] = field(default_factory=list)
    """Ids of the messages that it holds now, each from its claim until its ending is stored."""
    open: bool = False
    """It takes tickets: its engine is healthy and agrees with the catalogue, and it does not drain."""
    closed_because: str = ""
    """Why it is not open, a sentence; empty while it is."""
    metrics: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    """The model's catalogue entry as the worker serves it. Empty from ``live``."""
    hardware: dict[str, Any] = field(default_factory=dict)
    """CPUs, memory and GPUs (workers/hardware.py). Empty from ``live``."""

    @property
    def in_flight(self) -> int:
        """How many replies it holds now."""
        return len(self.replies)

    @property
    def free_seats(self) -> int:
        """Replies that it could begin now; 0 while it is not open."""
        return max(0, self.max_parallel_requests - self.in_flight) if self.open else 0


_FIELDS = frozenset(each.name for each in fields(SessionInfo)) - {"session_id"}


def _live_json(info: SessionInfo) -> bytes:
    return orjson.dumps({name: value for name, value in asdict(info).items() if name not in _DETAILS})


def _details_json(info: SessionInfo) -> bytes:
    return orjson.dumps({name: getattr(info, name) for name in _DETAILS})


def _read(raw: Mapping[bytes | str, bytes], details: Mapping[bytes | str, bytes]) -> dict[UUID, SessionInfo]:
    """Entries in another version's form are skipped, fields that we do not know are ignored."""
    sessions: dict[UUID, SessionInfo] = {}
    for key, value in raw.items():
        try:
            session_id = UUID(key.decode() if isinstance(key, bytes) else key)
            data = orjson.loads(value) | orjson.loads(details.get(key, b"{}"))
            data = {name: entry for name, entry in data.items() if name in _FIELDS}
            sessions[session_id] = SessionInfo(session_id=session_id, **data)
        except (ValueError, TypeError) as error:
            logger.warning("A session entry %r in Redis cannot be read and is left out: %s", key, error)
    return sessions


class SessionRegistry:
    """The registry seen from an event loop. Raises ``redis.RedisError`` when Redis cannot be reached."""

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client

    async def register(self, info: SessionInfo) -> None:
        """Write the whole entry: at the start of a session, and again whenever Redis lost it."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(LIVE_KEY, str(info.session_id), _live_json(info))
            pipe.hset(DETAILS_KEY, str(info.session_id), _details_json(info))
            await pipe.execute()

    async def beat(self, info: SessionInfo) -> bool:
        """Write what moves, the counter counted up. True: Redis had lost the session, now it is back."""
        if not await self._client.hset(LIVE_KEY, str(info.session_id), _live_json(info)):
            return False
        await self.register(info)
        return True

    async def leave(self, session_id: UUID) -> None:
        """Take the session out; it ended in order."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hdel(LIVE_KEY, str(session_id))
            pipe.hdel(DETAILS_KEY, str(session_id))
            await pipe.execute()

    async def live(self) -> dict[UUID, SessionInfo]:
        """All sessions, without config and hardware: one HGETALL, for those who look often."""
        raw = await cast("Awaitable[dict[bytes | str, bytes]]", self._client.hgetall(LIVE_KEY))
        return _read(raw, {})

    async def list(self) -> dict[UUID, SessionInfo]:
        """All sessions with everything that they told."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hgetall(LIVE_KEY)
            pipe.hgetall(DETAILS_KEY)
            raw, details = await pipe.execute()
        return _read(raw, details)


class SyncSessionRegistry:
    """The registry seen from synchronous code: reconciler, REST, admin. Raises ``redis.RedisError``."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._forget = client.register_script(_FORGET)

    def live(self) -> dict[UUID, SessionInfo]:
        """All sessions, without config and hardware: one HGETALL."""
        return _read(cast("dict[bytes | str, bytes]", self._client.hgetall(LIVE_KEY)), {})

    def list(self) -> dict[UUID, SessionInfo]:
        """All sessions with everything that they told."""
        pipe = self._client.pipeline(transaction=True)
        pipe.hgetall(LIVE_KEY)
        pipe.hgetall(DETAILS_KEY)
        raw, details = pipe.execute()
        return _read(raw, details)

    def beat(self, info: SessionInfo) -> bool:
        """As ``SessionRegistry.beat``, for what stands in for a worker."""
        if not self._client.hset(LIVE_KEY, str(info.session_id), _live_json(info)):
            return False
        self._client.hset(DETAILS_KEY, str(info.session_id), _details_json(info))
        return True

    def forget(self, session_id: UUID, beat: int) -> bool:
        """Take out a session found dead, unless it has moved on from ``beat`` meanwhile. True: taken out."""
        return bool(self._forget(keys=[LIVE_KEY, DETAILS_KEY], args=[str(session_id), str(beat)]))

    def leave(self, session_id: UUID) -> None:
        """Take the session out; it ended in order."""
        pipe = self._client.pipeline(transaction=True)
        pipe.hdel(LIVE_KEY, str(session_id))
        pipe.hdel(DETAILS_KEY, str(session_id))
        pipe.execute()
