"""Faults of web, maintenance, Valkey and PostgreSQL: killed, restarted, flushed, hung."""

import asyncio
import signal

from tests.chaos.program import Program
from tests.chaos.scene import Fault, Scene

AWAY_S = 1.0
HUNG_S = 3.0


async def _web_killed(scene: Scene) -> None:
    await scene.stack.web.kill()
    await scene.stack.web.start()


async def _web_restarted(scene: Scene) -> None:
    scene.stack.web.send(signal.SIGTERM)
    await scene.stack.web.ended(5.0)
    await scene.stack.web.start()


async def _maintenance_killed(scene: Scene) -> None:
    """Whoever finds lost workers is gone when the worker is lost, and comes back."""
    node = await scene.holder()
    await scene.stack.maintenance.kill()
    await scene.stack.workers[node].kill()
    scene.strikes()
    await scene.stack.maintenance.start()


async def _valkey_killed(scene: Scene) -> None:
    await _killed_for_a_while(scene.stack.valkey)


async def _valkey_flushed(scene: Scene) -> None:
    connection = scene.stack.redis()
    try:
        await asyncio.to_thread(connection.flushall)
    finally:
        connection.close()


async def _valkey_hung(scene: Scene) -> None:
    scene.stack.valkey.send(signal.SIGSTOP)
    await asyncio.sleep(HUNG_S)
    scene.stack.valkey.send(signal.SIGCONT)


async def _postgres_restarted(scene: Scene) -> None:
    scene.stack.postgres.send(scene.stack.postgres.stop_signal)
    await scene.stack.postgres.ended(20.0)
    await asyncio.sleep(AWAY_S)
    await scene.stack.postgres.start()


async def _killed_for_a_while(program: Program) -> None:
    await program.kill()
    await asyncio.sleep(AWAY_S)
    await program.start()


async def _nobody_was_thrown_back(scene: Scene) -> None:
    """Every reply is still its first attempt's: a fault of a server is no worker's."""
    for reply in scene.replies:
        row = await asyncio.to_thread(scene.stack.row, reply.asked.message_id)
        assert row is not None
        assert row["attempt"] == 1, f"a healthy worker's reply was thrown back: {row['attempt']} attempts"


SERVER_FAULTS = (
    Fault("web: SIGKILL", _web_killed, after=_nobody_was_thrown_back),
    Fault("web: SIGTERM", _web_restarted, after=_nobody_was_thrown_back),
    Fault("maintenance and worker: SIGKILL", _maintenance_killed),
    Fault("Valkey: SIGKILL, back after 1 s", _valkey_killed, after=_nobody_was_thrown_back, tokens=200),
    Fault("Valkey: FLUSHALL", _valkey_flushed, after=_nobody_was_thrown_back, flushed=True, tokens=160),
    Fault("Valkey: hung for 3 s", _valkey_hung, after=_nobody_was_thrown_back, tokens=200),
    Fault("PostgreSQL: restarted", _postgres_restarted, after=_nobody_was_thrown_back),
)
