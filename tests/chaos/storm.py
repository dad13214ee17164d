"""Several faults at a time, drawn at random: what each of them survives alone must hold for all together."""

import asyncio
import random
import signal

from tests.chaos.program import Program, all_of
from tests.chaos.scene import Act, Fault, Scene

BLOWS = 6
LONGEST_PAUSE_S = 2.0
LONGEST_ABSENCE_S = 2.0
TOKENS = 700


def _killed(name: str) -> Act:
    async def strike(scene: Scene) -> None:
        program = _program(scene, name)
        await program.kill()
        await asyncio.sleep(random.random() * LONGEST_ABSENCE_S)
        await program.start()

    return strike


def _hung(name: str) -> Act:
    async def strike(scene: Scene) -> None:
        program = _program(scene, name)
        program.send(signal.SIGSTOP)
        await asyncio.sleep(random.random() * LONGEST_ABSENCE_S * 3)
        program.send(signal.SIGCONT)

    return strike


def _program(scene: Scene, name: str) -> Program:
    if name == "worker":
        return random.choice(list(scene.stack.workers.values()))
    program: Program = getattr(scene.stack, name)
    return program


ACTS: dict[str, Act] = {
    **{f"{name} killed": _killed(name) for name in ("worker", "web", "maintenance", "valkey", "engine")},
    **{f"{name} hung": _hung(name) for name in ("worker", "web", "maintenance", "valkey", "engine")},
}


async def _storm(scene: Scene) -> None:
    """One blow after the other, each while those before it may still last; no process is struck twice at a time."""
    struck: list[asyncio.Task[None]] = []
    for kind in random.sample(["worker", "web", "maintenance", "valkey", "engine", "worker"], BLOWS):
        if kind == "worker" and any(task.get_name() == "worker" and not task.done() for task in struck):
            continue
        act = ACTS[f"{kind} {random.choice(('killed', 'hung'))}"]
        struck.append(asyncio.create_task(act(scene), name=kind))
        await asyncio.sleep(random.random() * LONGEST_PAUSE_S)
    await all_of(struck)


STORM = Fault("several at a time", _storm, flushed=True, replies=4, tokens=TOKENS)
"""A worker and Valkey may die together: the text in both is then lost, and the reply begins anew."""
