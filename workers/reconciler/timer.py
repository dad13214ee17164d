"""The reconciler's thread: rounds on a timer while this process holds the lock, whatever fails in one of them."""

import logging
import threading
import time

import psycopg
import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.alive import show_alive
from workers.reconciler.leadership import Leadership
from workers.reconciler.round import Rounds

logger = logging.getLogger(__name__)

SESSIONS_EVERY_S = 0.5
"""As often as sessions beat: a lost worker is noticed at most so much later."""
QUEUES_EVERY_S = 1.0
SOMETHING_IS_AWAY = (DatabaseError, psycopg.Error, redis.RedisError, OSError)


class ReconcilerThread:
    """Begins with `start`, ends with `stop`, which gives the lock up."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)
        self._leadership = Leadership()
        self._client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=settings.REDIS_TIMEOUT_S,
            socket_connect_timeout=settings.REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._rounds: Rounds | None = None
        self._queues_due = 0.0
        self._complaint = ""

    def start(self) -> None:
        """Begin with the rounds."""
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End after the round that is under way, within `timeout` seconds."""
        self._ending.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                began = time.monotonic()
                show_alive()
                self._try_round(began)
                self._ending.wait(max(0.0, began + SESSIONS_EVERY_S - time.monotonic()))
        finally:
            self._end_term()
            self._leadership.give_up()
            self._client.close()

    def _try_round(self, now: float) -> None:
        try:
            self._round(now)
        except SOMETHING_IS_AWAY as error:
            self._complain(f"{type(error).__name__}: {str(error).strip()}")
        except Exception:
            logger.exception("The reconciler's round failed; the next one comes all the same")
        else:
            if self._complaint:
                logger.info("The reconciler goes on")
            self._complaint = ""
        finally:
            connections.close_all()

    def _round(self, now: float) -> None:
        try:
            leads = self._leadership.hold()
        except psycopg.Error:
            self._end_term()
            raise
        if not leads:
            self._end_term()
            return
        if self._rounds is None:
            self._rounds = Rounds(self._client)
            self._queues_due = now
        alive = self._rounds.sessions_round()
        if now >= self._queues_due:
            self._queues_due = now + QUEUES_EVERY_S
            self._rounds.queues_round(alive)

    def _end_term(self) -> None:
        if self._rounds is not None:
            self._rounds.close()
            self._rounds = None

    def _complain(self, problem: str) -> None:
        """Once per problem: a round comes twice a second."""
        if problem != self._complaint:
            logger.warning("The reconciler waits: %s", problem)
        self._complaint = problem
