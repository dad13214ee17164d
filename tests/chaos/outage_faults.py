"""Outages that last: longer than a session's three seconds and than what clients' own retries bridge."""

import asyncio
import signal
import time
from contextlib import closing

from tests.chaos.scene import Fault, Scene

AWAY_S = 8.0
FULL_S = 5.0
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


async def _valkey_full(scene: Scene) -> None:
    """Every command that may need memory is refused (maxmemory-policy noeviction)."""
    with closing(scene.stack.redis()) as connection:
        await asyncio.to_thread(connection.config_set, "maxmemory", 1)
        await asyncio.sleep(FULL_S)
        await asyncio.to_thread(connection.config_set, "maxmemory", 0)


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


OUT_OF_MEMORY = Fault(f"Valkey: out of memory for {FULL_S:g} s", _valkey_full, after=_first_attempts, tokens=300)

OUTAGES = (
    Fault(f"Valkey: dead for {AWAY_S:g} s", _valkey_dead, after=_first_attempts, tokens=TOKENS),
    Fault(f"Valkey: hung for {AWAY_S:g} s", _valkey_hung, after=_first_attempts, tokens=TOKENS),
    Fault(f"PostgreSQL: dead for {AWAY_S:g} s", _postgres_dead, after=_first_attempts, tokens=100),
)
