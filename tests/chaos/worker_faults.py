"""Faults of workers: killed, drained, frozen; tickets twice; two that claim at once."""

import asyncio
import random
import signal

from celery import Celery

from inference.queues import broker_queue, queue_name
from tests.chaos.person import Asked
from tests.chaos.readers import until
from tests.chaos.scene import Fault, Reply, Scene
from tests.chaos.stack import LONGEST, LONGEST_PROMPT, MODEL, Stack

MOVES_WITHIN_S = 6.0
DRAINS_WITHIN_S = 5.0
FROZEN_S = 6.0
QUEUE = queue_name(f"tests/{MODEL}-{LONGEST}-{LONGEST_PROMPT}-f")


async def _killed(scene: Scene) -> None:
    worker = scene.stack.workers[await scene.holder()]
    scene.strikes()
    await worker.kill()


async def _drained(scene: Scene) -> None:
    worker = scene.stack.workers[await scene.holder()]
    scene.strikes()
    worker.send(signal.SIGTERM)
    code = await worker.ended(DRAINS_WITHIN_S)
    assert code == 0, f"the drained worker's exit code is {code}\n{worker.last_lines()}"


async def _frozen(scene: Scene) -> None:
    worker = scene.stack.workers[await scene.holder()]
    scene.strikes()
    worker.send(signal.SIGSTOP)
    await asyncio.sleep(FROZEN_S)
    worker.send(signal.SIGCONT)


async def _zombie_wrote_nothing(scene: Scene) -> None:
    """The reply is the other worker's, and the thawed one has let its engine go."""
    for reply in scene.replies:
        row = await asyncio.to_thread(scene.stack.row, reply.asked.message_id)
        assert row is not None
        if reply.asked.message_id in scene.affected:
            assert row["attempt"] == 2, f"a frozen worker's reply ended at attempt {row['attempt']}"
            assert [each["attempt"] for each in row["resumptions"]] == [2], row["resumptions"]
        await _engine_is_let_go(scene.stack, reply.asked)
        await _stream_is(scene, reply.asked, row["content"])


async def _engine_is_let_go(stack: Stack, asked: Asked) -> None:
    async def closed() -> bool:
        return (await stack.engine_requests(asked))["open"] == 0

    await until(closed, "the engine's connections for the reply are closed")


async def _stream_is(scene: Scene, asked: Asked, content: str) -> None:
    connection = scene.stack.redis()
    try:
        stored = await asyncio.to_thread(connection.get, f"{{{asked.message_id}}}:t")
    finally:
        connection.close()
    assert stored is None or stored == content.encode(), f"the stream holds {len(stored)} bytes that are not the reply"


async def _doubled_tickets(scene: Scene) -> None:
    broker = Celery(broker=scene.stack.redis_url, set_as_current=False)
    try:
        for reply in scene.replies * 10:
            broker.send_task(
                "workers.generate", args=[reply.asked.message_id], queue=broker_queue(QUEUE), ignore_result=True
            )
    finally:
        broker.close()


async def _each_was_taken_once(scene: Scene) -> None:
    for reply in scene.replies:
        row = await asyncio.to_thread(scene.stack.row, reply.asked.message_id)
        assert row is not None
        assert row["attempt"] == 1, f"a reply without a fault took {row['attempt']} attempts"
        told = await scene.stack.engine_requests(reply.asked)
        assert told["started"] == 1, f"the engine was asked {told['started']} times for one reply"


async def _cancelled_at_the_end(scene: Scene) -> None:
    """Each reply is stopped at a moment of its own, shortly before or after it completes."""

    async def cancel(reply: Reply) -> None:
        length = len(scene.stack.expected(reply.asked).encode())
        await reply.readers[0].has(length - random.randrange(30))
        await asyncio.sleep(random.random() * 0.05)
        answer = await scene.person.cancels(reply.asked)
        assert answer.json["state"] in ("complete", "cancelled"), answer.json["state"]

    await asyncio.gather(*(cancel(each) for each in scene.replies))


async def _nothing(scene: Scene) -> None:
    """The run itself is the fault."""


WORKER_FAULTS = (
    Fault("worker: SIGKILL", _killed, moves_within_s=MOVES_WITHIN_S),
    Fault("worker: SIGTERM (drain)", _drained, moves_within_s=MOVES_WITHIN_S),
    Fault(
        "worker: SIGSTOP 6 s, SIGCONT", _frozen, after=_zombie_wrote_nothing, tokens=160, moves_within_s=MOVES_WITHIN_S
    ),
)

RACES = (
    Fault("tickets doubled tenfold", _doubled_tickets, after=_each_was_taken_once, strike_at=None),
    Fault("two workers claim at once", _nothing, after=_each_was_taken_once, replies=8, tokens=60, strike_at=None),
    Fault("cancel races completion", _cancelled_at_the_end, cancelled=True, replies=6, tokens=40, strike_at=None),
)
