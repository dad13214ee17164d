"""The state of a model worker's process: its loop, session, engine, gate and the replies in flight.

There is one per process, made by the worker's bootstep (workers/bootsteps.py) before the first ticket can come and
taken down on Celery's `worker_shutdown` signal, after the pool's last thread has ended.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db import Error as DatabaseError

from chats.groups import finished_hint, letter_to, letters_to, message_group
from chats.redis import async_redis
from chats.repository import work
from chats.repository.work import Work
from inference.catalogue import ModelConfig
from inference.engines import Engine
from inference.queues import session_queue
from inference.sessions import SessionInfo, SessionRegistry
from inference.stream import Letter, StreamBuffer
from workers.event_loop import EventLoop
from workers.generation import Generation
from workers.health_gate import HealthGate
from workers.identity import Identity, why_not_any_more
from workers.in_flight import InFlight, RunningReply, StopReason
from workers.last_resort import bound_the_drain
from workers.outcomes import Outcome
from workers.postgres import Turns
from workers.row_watch import watch_rows
from workers.session import Session

logger = logging.getLogger(__name__)

T = TypeVar("T")

KEY_LOOK_EVERY_S = 2.0
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 3.0


class Runtime:
    """One model worker process. `begin`, `end`, `drain`, `stream` and `announce_end` are for synchronous code."""

    def __init__(
        self,
        *,
        config: ModelConfig,
        engine_url: str,
        make_engine: Callable[[], Engine],
        node_name: str,
        seats: int,
        identity: Identity | None,
        end_process: Callable[[], None],
    ) -> None:
        """make_engine: called on the event loop. node_name: Celery's NAME@HOST. seats: the pool's threads.

        identity: whose key the process has shown. end_process: for any thread, lets Celery end the process in order.
        """
        self.config = config
        self.session_id: UUID = uuid4()
        self.node_name = node_name
        self.engine_url = engine_url
        self.in_flight = InFlight()
        self.checks = InFlight()
        self.loop = EventLoop("streams")
        self.worker_config = {
            "model_config": config.model_dump(mode="json", exclude={"presets"}),
            "max_parallel_requests": seats,
        }
        self.identity = identity
        self.turns = Turns(pool_size=settings.DATABASES[DEFAULT_DB_ALIAS]["OPTIONS"]["pool"]["max_size"])
        self._end_process = end_process
        self._make_engine = make_engine
        self._seats = seats
        self._draining = threading.Event()
        self._drain_reason = ""
        self._ended = False

    # --- the process's life ---

    def begin(self) -> None:
        """Start the loop, sign the session on and begin to watch the engine. The queue opens when it is healthy."""
        self.loop.start()
        self.loop.run(self._begin()).result(START_TIMEOUT_S)

    async def _begin(self) -> None:
        redis = async_redis()
        self._engine = self._make_engine()
        self._buffer = StreamBuffer(redis)
        queues = (self.config.queue_name, session_queue(self.session_id))
        self.gate = HealthGate(self._engine, self.engine_url, self.config, queues)
        self.session = Session(
            SessionInfo(
                session_id=self.session_id,
                worker_name=self.node_name,
                model_config_name=self.config.name,
                compat_hash=self.config.compat_hash,
                max_parallel_requests=self._seats,
                started_at=datetime.now(UTC).isoformat(),
                config=self.worker_config,
                worker_id=self.identity.worker_id if self.identity else None,
            ),
            registry=SessionRegistry(redis),
            in_flight=self.in_flight,
            gate=self.gate,
            fences=self._check_fences,
        )
        await self.session.sign_on()
        self._watches = [
            asyncio.create_task(self.gate.watch(), name="health-gate"),
            asyncio.create_task(watch_rows(self.in_flight), name="row-watch"),
        ]
        if self.identity is not None:
            self._watches.append(asyncio.create_task(self._watch_key(self.identity), name="key"))

    async def _watch_key(self, identity: Identity) -> None:
        """End the process in order once its key or its worker is not good any more. Postgres may be away meanwhile."""
        while True:
            await asyncio.sleep(KEY_LOOK_EVERY_S)
            try:
                why = await _in_database(partial(why_not_any_more, identity))
            except DatabaseError:
                continue
            if why:
                logger.error("This process may not serve any more: %s", why)
                self.drain(why)
                self._end_process()
                return

    @property
    def draining(self) -> bool:
        """The process is to end: no ticket is taken any more."""
        return self._draining.is_set()

    def drain(self, reason: str) -> None:
        """Stop all engines now; every reply goes back to its queue with what was shown. Safe in a signal handler."""
        if self._draining.is_set():
            return
        self._drain_reason = reason
        self._draining.set()
        self.loop.call_soon(self._drain)

    def _drain(self) -> None:
        bound_the_drain(lambda: len(self.in_flight))
        logger.info("Draining (%s): %d replies go back to the queue", self._drain_reason, len(self.in_flight))
        self.gate.shut(f"the worker drains: {self._drain_reason}")
        self.in_flight.stop_all(StopReason.DRAIN)
        self.checks.stop_all(StopReason.DRAIN)

    def end(self) -> None:
        """Sign off and stop the loop; only once no thread waits for it any more. A second call does nothing."""
        if self._ended:
            return
        self._ended = True
        try:
            self.loop.run(self._end()).result(STOP_TIMEOUT_S)
        except (TimeoutError, RuntimeError) as error:
            logger.warning("The session did not sign off: %r", error)
        self.turns.close()
        if not self.loop.stop():
            logger.warning("The event loop did not stop in time")

    async def _end(self) -> None:
        for watch in self._watches:
            watch.cancel()
        await self.session.sign_off(self._drain_reason or "the worker ended")
        await self._engine.aclose()
        await async_redis().aclose()

    # --- a reply ---

    def stream(self, claimed: Work, running: RunningReply) -> Outcome:
        """Generate the claimed reply on the loop and wait for its outcome. Raises what is a bug."""
        return self.loop.run(self._stream(claimed, running)).result()

    async def _stream(self, claimed: Work, running: RunningReply) -> Outcome:
        if self.draining:  # the drain began between the claim and here
            running.stop(StopReason.DRAIN)
        message_id, attempt = claimed.message_id, claimed.attempt

        async def note_resumption(offset: int) -> None:
            try:
                await _in_database(partial(work.note_resumption, message_id, attempt, offset))
            except DatabaseError as error:
                logger.warning("Message %s: its resumption is not recorded: %s", message_id, error)

        generation = Generation(
            claimed,
            running,
            config=self.config,
            engine=self._engine,
            buffer=self._buffer,
            in_flight=self.in_flight,
            address=letters_to(message_group(message_id)),
            still_mine=partial(_in_database, partial(work.still_mine, message_id, attempt)),
            note_resumption=note_resumption,
            suspect_engine=self.gate.suspect,
        )
        return await asyncio.create_task(generation.run(), name=f"reply {message_id}")

    def make_again(self, again: Work, running: RunningReply) -> Outcome:
        """Generate a text for a compliance check, wait for its outcome: nobody reads along, nothing is stored."""
        return self.loop.run(self._make_again(again, running)).result()

    async def _make_again(self, again: Work, running: RunningReply) -> Outcome:
        if self.draining:
            running.stop(StopReason.DRAIN)

        async def not_at_all(_: int) -> None:
            pass

        async def is_ours() -> bool:
            return True

        generation = Generation(
            again,
            running,
            config=self.config,
            engine=self._engine,
            buffer=self._buffer,
            in_flight=self.checks,
            address=None,
            still_mine=is_ours,
            note_resumption=not_at_all,
            suspect_engine=self.gate.suspect,
        )
        try:
            return await asyncio.create_task(generation.run(), name=f"check {again.message_id}")
        finally:
            await self._expire(again.message_id)

    def announce_end(self, message_id: UUID) -> Future[None]:
        """Tell the readers that the row is final and let the stream expire; both best effort, nobody need wait."""
        return self.loop.run(self._announce_end(message_id))

    async def _announce_end(self, message_id: UUID) -> None:
        await self._expire(message_id, letter_to(message_group(message_id), finished_hint(message_id)))

    async def _expire(self, message_id: UUID, letter: Letter | None = None) -> None:
        try:
            await self._buffer.expire(str(message_id), letter=letter)
        except Exception as error:  # a stream that expires a day later harms nobody, and readers look for themselves
            logger.info("The stream of message %s keeps its own expiry: %r", message_id, error)

    async def _check_fences(self) -> None:
        """With each beat: stop the replies whose stream a later attempt, a cancel or a time-out has taken."""
        replies = {str(reply.message_id): reply for reply in self.in_flight.replies()}
        for message_id, holder in (await self._buffer.fences(list(replies))).items():
            if holder is not None and holder > replies[message_id].attempt:
                replies[message_id].stop(StopReason.ENDED)


async def _in_database(question: Callable[[], T]) -> T:
    """Ask Postgres in one of the loop's own threads; the connection is given back at once."""
    return await database_sync_to_async(question, thread_sensitive=False)()


_current: Runtime | None = None


def begin(runtime: Runtime) -> Runtime:
    """Start the runtime and make it this process's."""
    global _current
    runtime.begin()
    _current = runtime
    return runtime


def current() -> Runtime:
    """This process's runtime. Raises RuntimeError outside of a model worker."""
    if _current is None:
        raise RuntimeError("This process serves no model: start it by `celery -A oasst_site worker --model NAME`.")
    return _current


def running() -> Runtime | None:
    """This process's runtime, None outside of a model worker."""
    return _current
