"""Every fault once: no reply is lost or doubled, nothing stays unfinished. The long form: `make chaos N=50`."""

import asyncio

import pytest

from tests.chaos.faults import OF_ONE_REPLY, OF_THE_STACK
from tests.chaos.scene import Fault, play
from tests.chaos.stack import SEATS, Stack

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.parametrize("fault", OF_THE_STACK, ids=lambda fault: fault.name)
async def test_a_fault_of_the_stack_is_a_pause(stack: Stack, fault: Fault) -> None:
    outcome = await play(stack, fault)
    assert not outcome.problems
    assert not await asyncio.to_thread(stack.unfinished)


async def test_faults_of_single_replies_are_pauses_too(stack: Stack) -> None:
    outcomes = await asyncio.gather(*(play(stack, fault) for fault in OF_ONE_REPLY))
    assert not [problem for outcome in outcomes for problem in outcome.problems]
    assert not await asyncio.to_thread(stack.unfinished)


async def test_all_seats_are_taken_again_after_restarts_of_the_broker(stack: Stack) -> None:
    for _ in range(2):
        await stack.valkey.kill()
        await stack.valkey.start()
        await stack.workers_open()
    async with stack.person() as person:
        asked = await asyncio.gather(*(person.asks(100) for _ in range(SEATS * len(stack.workers))))
        await asyncio.gather(*(stack.state_is(each.message_id, "in_progress", within_s=3) for each in asked))
        await asyncio.gather(*(stack.state_is(each.message_id, "complete", within_s=30) for each in asked))
