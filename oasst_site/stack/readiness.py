"""Whether a process does its work: asked from outside, in the way that its users reach it."""

import http.client
import time
from collections.abc import Callable
from contextlib import closing

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from inference.sessions import SessionInfo, SyncSessionRegistry
from workers.reconciler_age import reconciler_age_s

LOOK_TIMEOUT_S = 2.0
SETTLED_S = 3.0
"""A worker that has told for so long why it takes no work yet is started; the rest is its engine's business."""


def http_answers(host: str, port: int, path: str) -> Callable[[], bool]:
    """A look whether an HTTP server answers a GET of the path, with anything but an error of its own."""

    def look() -> bool:
        with closing(http.client.HTTPConnection(host, port, timeout=LOOK_TIMEOUT_S)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status < 500
            except (OSError, http.client.HTTPException):
                return False

    return look


class WorkerLook:
    """A look whether the worker with this node name has signed on, and its queue is open."""

    def __init__(self, redis_url: str, node_name: str) -> None:
        self._redis_url = redis_url
        self._node_name = node_name
        self._known = self._sessions()
        self._closed_since: float | None = None
        self.closed_because = ""
        """Why the worker that has signed on takes no work; empty while it does."""

    def __call__(self) -> bool:
        """Open, or closed with a reason for `SETTLED_S`."""
        fresh = [each for key, each in self._sessions().items() if key not in self._known]
        self.closed_because = next((each.closed_because for each in fresh if not each.open), "")
        if any(each.open for each in fresh):
            self.closed_because = ""
            return True
        if not self.closed_because:
            self._closed_since = None
            return False
        self._closed_since = self._closed_since or time.monotonic()
        return time.monotonic() - self._closed_since >= SETTLED_S

    def _sessions(self) -> dict[str, SessionInfo]:
        """This worker's sessions; those of a killed one may still be listed."""
        try:
            with closing(client(self._redis_url)) as connection:
                sessions = SyncSessionRegistry(connection).live()
        except redis.RedisError:
            return {}
        return {str(key): each for key, each in sessions.items() if each.worker_name == self._node_name}


def reconciler_works(redis_url: str) -> Callable[[], bool]:
    """A look whether a reconciler has made a round since now."""
    since = time.monotonic()

    def look() -> bool:
        try:
            with closing(client(redis_url)) as connection:
                age_s = reconciler_age_s(connection)
        except redis.RedisError:
            return False
        return age_s is not None and age_s < time.monotonic() - since

    return look


def client(redis_url: str) -> redis.Redis:
    """A client for one look: it neither waits long nor tries again."""
    return redis.Redis.from_url(
        redis_url, socket_timeout=LOOK_TIMEOUT_S, socket_connect_timeout=LOOK_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
    )
