"""Which replies a process holds, and that each is stopped once, for the first reason."""

import asyncio
import time
from uuid import uuid4

import pytest

from workers.in_flight import JUST_CLAIMED_S, InFlight, RunningReply, StopReason


async def a_task() -> asyncio.Task[object]:
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    return task


async def test_a_stop_cancels_the_task_once():
    reply, task = RunningReply(uuid4(), 1), await a_task()
    reply.attach(task)
    reply.stop(StopReason.DRAIN)
    reply.stop(StopReason.ENDED)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelling() == 1
    assert reply.stop_reason is StopReason.DRAIN


async def test_a_stop_before_the_task_is_there_cancels_it_when_it_comes():
    reply, task = RunningReply(uuid4(), 1), await a_task()
    reply.stop(StopReason.ENDED)
    reply.attach(task)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stop_after_the_attempt_was_detached_cancels_nothing():
    reply, task = RunningReply(uuid4(), 1), await a_task()
    reply.attach(task)
    reply.detach()
    reply.stop(StopReason.DRAIN)
    assert not task.cancelling()
    task.cancel()


def test_a_late_stop_does_not_hit_a_later_attempt():
    in_flight, message_id = InFlight(), uuid4()
    with in_flight.holding(RunningReply(message_id, 3)) as reply:
        assert not in_flight.stop(message_id, up_to_attempt=2, reason=StopReason.ENDED)
        assert reply.stop_reason is None
        assert in_flight.stop(message_id, up_to_attempt=3, reason=StopReason.ENDED)
    assert not in_flight.stop(message_id, up_to_attempt=9, reason=StopReason.ENDED)


def test_an_earlier_attempt_that_ends_late_does_not_take_the_later_one_with_it():
    in_flight, message_id = InFlight(), uuid4()
    earlier, later = RunningReply(message_id, 1), RunningReply(message_id, 2)
    with in_flight.holding(later):
        with in_flight.holding(earlier), in_flight.holding(later):
            assert in_flight.replies() == [later]
        assert len(in_flight) == 0
    assert in_flight.ids() == []


def test_an_attempt_is_just_claimed_until_a_fence_may_have_expired_by_either_clock():
    now, wall = time.monotonic(), time.time()
    assert RunningReply(uuid4(), 1, now, wall).just_claimed
    assert not RunningReply(uuid4(), 1, now - JUST_CLAIMED_S, wall).just_claimed
    assert not RunningReply(uuid4(), 1, now, wall - JUST_CLAIMED_S).just_claimed  # the machine slept
    assert not RunningReply(uuid4(), 1, now, wall + 60).just_claimed  # the clock was put back: nothing is known
