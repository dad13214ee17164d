"""Longer outages, and what must be true when they are over: nobody was thrown back, and all seats are taken again."""

import asyncio
import signal
import time

import pytest

from tests.chaos.scene import Fault, Scene, play
from tests.chaos.stack import SEATS, Stack

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="package")]

AWAY_S = 8.0
"""Longer than a session's three seconds and than what clients' own retries bridge."""
BACK_WITHIN_S = 3.0
TOKENS = 500


async def _valkey_dead(scene: Scene) -> None:
    await scene.stack.valkey.kill()
    await asyncio.sleep(AWAY_S)
    await scene.stack.valkey.start()


async def _valkey_hung(scene: Scene) -> None:
    scene.stack.valkey.send(signal.SIGSTOP)
    await asyncio.sleep(AWAY_S)
    scene.stack.valkey.send(signal.SIGCONT)


async def _postgres_dead(scene: Scene) -> None:
    await scene.stack.postgres.kill()
    await asyncio.sleep(AWAY_S)
    await scene.stack.postgres.start()
    back = time.monotonic()
    await scene.person.until_answered("POST", "/api/chats", {})
    assert time.monotonic() - back < BACK_WITHIN_S, f"requests are answered only {time.monotonic() - back:.1f} s later"


async def _first_attempts(scene: Scene) -> None:
    for reply in scene.replies:
        row = await asyncio.to_thread(scene.stack.row, reply.asked.message_id)
        assert row is not None
        assert row["attempt"] == 1, f"a healthy worker's reply was thrown back: {row['attempt']} attempts"


OUTAGES = (
    Fault(f"Valkey: dead for {AWAY_S:g} s", _valkey_dead, after=_first_attempts, tokens=TOKENS),
    Fault(f"Valkey: hung for {AWAY_S:g} s", _valkey_hung, after=_first_attempts, tokens=TOKENS),
    Fault(f"PostgreSQL: dead for {AWAY_S:g} s", _postgres_dead, after=_first_attempts, tokens=100),
)


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda fault: fault.name)
async def test_a_long_outage_throws_no_healthy_reply_back(stack: Stack, outage: Fault) -> None:
    outcome = await play(stack, outage)
    assert not outcome.problems
    assert not await asyncio.to_thread(stack.unfinished)


async def test_all_seats_are_taken_again_after_outages(stack: Stack) -> None:
    for _ in range(3):
        await stack.valkey.kill()
        await stack.valkey.start()
        await stack.workers_open()
    async with stack.person() as person:
        asked = await asyncio.gather(*(person.asks(200) for _ in range(SEATS * len(stack.workers))))
        began = time.monotonic()
        await asyncio.gather(*(stack.state_is(each.message_id, "in_progress", within_s=3) for each in asked))
        assert time.monotonic() - began < 3
        for each in asked:
            await stack.state_is(each.message_id, "complete", within_s=30)
