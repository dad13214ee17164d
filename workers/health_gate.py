"""The health gate: a model's queue is open only while its engine is healthy and serves what the catalogue says.

One watcher per process asks the engine; Celery's consumer comes and goes with every broker connection and is told
the gate's state when it comes. Closed means that no ticket is taken: other workers serve, or the messages wait.
"""

import asyncio
import logging
import math
import threading
import time
from typing import Any

from inference.catalogue import ModelConfig
from inference.engines import Engine, EngineError, EngineInfo
from inference.queues import broker_queue

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
MISMATCH_LOOK_EVERY_S = 5.0
INFO_GOOD_FOR_S = 30.0
"""An engine that was never seen down is asked again after so long what it serves; one that was, at once."""
HEALTH_TIMEOUT_S = 5.0
SAY_AGAIN_AFTER_S = (10.0, 60.0)
"""A gate that stays closed says so once more below all that a starting worker says, then each minute."""
FAILURES_TO_CLOSE = 2
"""Looks in a row; one is enough when a reply has just failed."""


class HealthGate:
    """Opens and closes this worker's queues by the state of its engine.

    `is_open`, `closed_because`, `attach` and `detach` are for any thread, the rest for the event loop.
    """

    def __init__(self, engine: Engine, engine_url: str, config: ModelConfig, queues: tuple[str, ...]) -> None:
        self._engine = engine
        self._engine_url = engine_url
        self._config = config
        self._queues = queues
        self._lock = threading.Lock()
        self._consumer: Any = None
        self._open = False
        self._because = "the engine was not asked yet"
        self._shut = ""
        self._said_at = -math.inf
        self._say_again_after_s = SAY_AGAIN_AFTER_S[0]
        self._failures = 0
        self._asked_at = -math.inf
        self._suspected = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Tickets are taken."""
        return self._open

    @property
    def closed_because(self) -> str:
        """The reason, a sentence; empty while it is open."""
        return "" if self._open else self._because

    def attach(self, consumer: Any) -> None:
        """Take Celery's consumer of a new broker connection; its queues are opened at once when the gate is open."""
        with self._lock:
            self._consumer = consumer
            for name in self._queues:
                # On the anonymous exchange; `add` would put it behind a binding that a flush loses.
                consumer.app.amqp.queues[name] = broker_queue(name)
            if self._open:
                self._tell_consumer()

    def detach(self, consumer: Any) -> None:
        """Forget the consumer of a lost connection, so that nothing is consumed until the gate has its successor."""
        with self._lock:
            if self._consumer is consumer:
                self._consumer = None
            for name in self._queues:
                consumer.app.amqp.queues.deselect(name)

    def shut(self, because: str) -> None:
        """Close for good: the process drains. For any thread."""
        self._shut = because
        self._set(False, because)

    def suspect(self) -> None:
        """A reply has just found the engine down: look at once, and one failure is enough."""
        self._failures = FAILURES_TO_CLOSE
        self._asked_at = -math.inf
        self._suspected.set()

    async def watch(self) -> None:
        """Ask the engine until the gate is shut for good."""
        while not self._shut:
            self._suspected.clear()
            because, pause = await self._look()
            self._set(not because, because)
            try:
                async with asyncio.timeout(pause):
                    await self._suspected.wait()
            except TimeoutError:
                pass

    async def _look(self) -> tuple[str, float]:
        """Why the gate must be closed (empty: it may be open), and the seconds until the next look."""
        problem = await self._problem()
        if problem:
            self._failures += 1
            self._asked_at = -math.inf  # it may come back as another
            if self._open and self._failures < FAILURES_TO_CLOSE:
                return "", LOOK_EVERY_S
            return problem, LOOK_EVERY_S
        self._failures = 0
        now = asyncio.get_running_loop().time()
        if now - self._asked_at < INFO_GOOD_FOR_S:
            return "", LOOK_EVERY_S
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT_S):
                info = await self._engine.info()
        except (EngineError, TimeoutError) as error:
            return f"the engine at {self._engine_url} does not say what it serves: {error}", LOOK_EVERY_S
        if mismatch := disagreement(info, self._config):
            return f"the engine at {self._engine_url} {mismatch}", MISMATCH_LOOK_EVERY_S
        self._asked_at = now
        return "", LOOK_EVERY_S

    async def _problem(self) -> str:
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT_S):
                if await self._engine.health():
                    return ""
        except (EngineError, TimeoutError) as error:
            return f"the engine at {self._engine_url} is not healthy: {error or 'no answer'}"
        return f"the engine at {self._engine_url} is not healthy: start it, wait for it, or correct --engine-url"

    def _set(self, opened: bool, because: str) -> None:
        with self._lock:
            if self._shut and because != self._shut:
                return
            if opened == self._open:
                if not opened:
                    self._stays_closed(because)
                return
            self._open = opened
            self._because = because
            if opened:
                logger.info(
                    "The engine at %s is healthy and serves %s: queue %s is open",
                    self._engine_url, self._config.model_id, ", ".join(self._queues),
                )  # fmt: skip
            else:
                self._said_at, self._say_again_after_s = time.monotonic(), SAY_AGAIN_AFTER_S[0]
                logger.warning("The queue is closed: %s", because)
            self._tell_consumer()

    def _stays_closed(self, because: str) -> None:
        now = time.monotonic()
        again = because == self._because
        if again and now - self._said_at < self._say_again_after_s:
            return
        self._because, self._said_at = because, now
        self._say_again_after_s = SAY_AGAIN_AFTER_S[again]
        logger.warning("The queue stays closed: %s", because)

    def _tell_consumer(self) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        change = consumer.add_task_queue if self._open else consumer.cancel_task_queue
        for name in self._queues:
            consumer.call_soon(change, name)


def disagreement(info: EngineInfo, config: ModelConfig) -> str:
    """How the engine's word differs from the catalogue's, with the way out; empty when they agree.

    Lengths that the engine does not tell are taken on trust; longer ones than the catalogue's are fine.
    """
    if info.model_id != config.model_id:
        return (
            f"serves {info.model_id!r}, the catalogue's {config.name} is {config.model_id!r}: "
            "start the engine with that model, or this worker with another --model"
        )
    for told, needed, name in (
        (info.max_input_tokens, config.max_input_length, "max_input_length"),
        (info.max_total_tokens, config.max_total_length, "max_total_length"),
    ):
        if told is not None and told < needed:
            return (
                f"allows {told} tokens where the catalogue's {config.name} has {name} = {needed}: "
                "start the engine with room for it, or lower the catalogue's value"
            )
    return ""
