"""This process's worker session: it signs on, beats, listens to what concerns it alone, and signs off."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from chats.groups import session_group
from inference.sessions import BEAT_S, SessionInfo, SessionRegistry
from workers.alive import show_alive
from workers.events import note_connect, note_disconnect, note_return
from workers.hardware import Hardware
from workers.health_gate import HealthGate
from workers.in_flight import InFlight, StopReason

logger = logging.getLogger(__name__)

METRICS_EVERY_S = 2.0
RATE_OVER_S = 5.0
"""Tokens per second are told as the mean over this time."""
RETRY_S = 1.0
SIGN_OFF_TIMEOUT_S = 1.5


class Session:
    """The session of one model worker process. Everything in here runs on the process's event loop.

    `fences` is asked with every beat: it stops the running replies that a later attempt has taken over.
    """

    def __init__(
        self,
        info: SessionInfo,
        *,
        registry: SessionRegistry,
        in_flight: InFlight,
        gate: HealthGate,
        fences: Callable[[], Awaitable[None]],
    ) -> None:
        self._info = info
        self._registry = registry
        self._in_flight = in_flight
        self._gate = gate
        self._fences = fences
        self._hardware: Hardware | None = None
        self._metrics: dict[str, Any] = {}
        self._token_counts: deque[tuple[float, int]] = deque(maxlen=int(RATE_OVER_S / BEAT_S) + 1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._away = False

    async def sign_on(self) -> None:
        """Look at the hardware, then begin to beat and to listen. Redis or Postgres may be away: they are retried."""
        self._hardware = await asyncio.to_thread(Hardware)
        hardware = await asyncio.to_thread(self._hardware.info)
        self._info = replace(self._info, hardware=dict(hardware))
        self._begin("beat", self._beat())
        self._begin("metrics", self._measure())
        self._begin("listen", self._listen())
        self._begin("connect", self._record(note_connect, self._info))

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"session-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s ended by %r", task.get_name(), error, exc_info=error)

    async def sign_off(self, reason: str) -> None:
        """Leave the registry and store why; each is tried for SIGN_OFF_TIMEOUT_S, the reconciler does the rest."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(SIGN_OFF_TIMEOUT_S):
                await self._registry.leave(self._info.session_id)
        except (RedisError, OSError) as error:
            logger.warning("The session could not leave the registry: %s", error)
        try:
            async with asyncio.timeout(SIGN_OFF_TIMEOUT_S):
                await database_sync_to_async(note_disconnect, thread_sensitive=False)(
                    self._info.session_id, self._info.worker_name, reason, self._info.worker_id
                )
        except (DatabaseError, TimeoutError) as error:
            logger.warning("The session's end could not be stored: %s", error)

    def told(self) -> SessionInfo:
        """What the session tells of itself now."""
        return replace(
            self._info,
            replies=self._in_flight.ids(),
            open=self._gate.is_open,
            closed_because=self._gate.closed_because,
            metrics={**self._metrics, "tokens_per_s": self._tokens_per_s()},
        )

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            show_alive()
            self._info = replace(self._info, beat=self._info.beat + 1)
            self._token_counts.append((loop.time(), self._in_flight.tokens))
            try:
                if self._info.beat == 1:
                    await self._registry.register(self.told())
                was_lost = await self._registry.beat(self.told())
                await self._fences()
            except (RedisError, OSError) as error:
                self._note_away(error)
            except Exception:
                # Whatever it is: a session that stops to beat would lose all its replies.
                logger.exception("A beat of the session failed; the next one comes all the same")
            else:
                if self._away:
                    self._away = False
                    logger.info("Redis answers again")
                if was_lost:
                    logger.warning(
                        "Redis did not know this session any more (flushed, or it was taken for dead): it is back"
                    )
                    self._begin("return", self._record(note_return, self._info))
            due = max(due + BEAT_S, loop.time())
            await asyncio.sleep(due - loop.time())

    def _note_away(self, error: Exception) -> None:
        if not self._away:
            logger.warning("Redis does not answer; the replies wait for it: %s", error)
        self._away = True

    async def _measure(self) -> None:
        assert self._hardware is not None, "sign_on sets it"
        while True:
            self._metrics = dict(await asyncio.to_thread(self._hardware.metrics))
            await asyncio.sleep(METRICS_EVERY_S)

    def _tokens_per_s(self) -> float:
        if len(self._token_counts) < 2:
            return 0.0
        (then, before), (now, after) = self._token_counts[0], self._token_counts[-1]
        return round((after - before) / (now - then), 1) if now > then else 0.0

    async def _listen(self) -> None:
        """Take the events of the group `session.<id>`; subscribed again whenever the layer fails."""
        layer = get_channel_layer()
        group = session_group(self._info.session_id)
        while True:
            try:
                channel = await layer.new_channel("worker")
                await layer.group_add(group, channel)
                while True:
                    self._take(await layer.receive(channel))
            except (RedisError, OSError) as error:
                logger.warning("Not subscribed to %s, trying again: %s", group, error)
            except Exception:
                logger.exception("Listening to %s failed, trying again", group)
            await asyncio.sleep(RETRY_S)

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") != "session.stop":
            logger.info("A session event of a kind that this version does not know: %r", message.get("type"))
            return
        stopped = self._in_flight.stop(
            UUID(message["message_id"]), up_to_attempt=message["attempt"], reason=StopReason.ENDED
        )
        if stopped:
            logger.info("Message %s was ended from outside: its engine is let go", message["message_id"])

    async def _record(self, note: Callable[..., None], *arguments: object) -> None:
        """Store a worker event; Postgres may be away for as long as it likes."""
        while True:
            try:
                await database_sync_to_async(note, thread_sensitive=False)(*arguments)
            except DatabaseError as error:
                logger.warning("A worker event is not stored yet, trying again: %s", error)
            else:
                return
            await asyncio.sleep(RETRY_S)
