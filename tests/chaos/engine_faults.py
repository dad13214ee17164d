"""Faults of the engine: killed, silent, cut off with and without a word."""

import asyncio
import signal
from typing import Any

from tests.chaos.scene import Act, Fault, Scene

AWAY_S = 1.0
FROZEN_S = 3.0
AFTER_TOKENS = 30


async def _killed(scene: Scene) -> None:
    await scene.stack.engine.kill()
    await asyncio.sleep(AWAY_S)
    await scene.stack.engine.start()


async def _frozen(scene: Scene) -> None:
    scene.stack.engine.send(signal.SIGSTOP)
    await asyncio.sleep(FROZEN_S)
    scene.stack.engine.send(signal.SIGCONT)


def _armed(**fault: Any) -> Act:
    async def prepare(scene: Scene) -> None:
        await scene.stack.arm(*({"prompt_contains": prompt, **fault} for prompt in scene.prompts))

    return prepare


async def _nothing(scene: Scene) -> None:
    """The engine does it by itself."""


def _by_itself(name: str, **fault: Any) -> Fault:
    return Fault(name, _nothing, prepare=_armed(after_tokens=AFTER_TOKENS, **fault), strike_at=1)


ENGINE_FAULTS = (
    Fault("engine: SIGKILL, back after 1 s", _killed),
    Fault(f"engine: SIGSTOP {FROZEN_S:g} s, SIGCONT", _frozen),
)

ENGINE_REPLIES = (
    _by_itself("engine: hangs in mid-stream", kind="hang"),
    _by_itself("engine: ends in mid-stream without a word", kind="cut", how="end"),
    _by_itself("engine: closes the connection", kind="cut", how="close"),
    _by_itself("engine: resets the connection", kind="cut", how="reset"),
    _by_itself("engine: error event in mid-stream", kind="error"),
    _by_itself("engine: 429, three times", kind="status", status=429, count=3),
    _by_itself("engine: 503, three times", kind="status", status=503, count=3),
)
