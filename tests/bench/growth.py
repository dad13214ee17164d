"""Does anything become slower with what is there? The same call with much and with little, in turns."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from tests.bench.beside import ROOT
from tests.bench.client import Client
from tests.bench.figures import Figure
from tests.bench.machine import FEW as WORKERLESS
from tests.bench.machine import Machine

LITTLE, LONG, MANY_CHATS = 10, 10_000, 100_000
PAIRS = 40


async def growth(machine: Machine) -> list[Figure]:
    """Requests by REST; what a worker and the look once a second ask Postgres, in a process of their own."""
    few, many = (Client(machine.url, token) for token in machine.tokens(2, f"growth-{time.time_ns()}"))
    chats = {"short": await few.chat(), "long": await many.chat()}
    try:
        rows = await _rows(machine, "make", **chats, few=LITTLE, messages=LONG, chats=MANY_CHATS)
        asked = await _pairs(
            lambda: few.ask(chats["short"], rows["few_prompt"], WORKERLESS, 5),
            lambda: many.ask(chats["long"], rows["many_prompt"], WORKERLESS, 5),
        )
        listed = await _pairs(lambda: few.get("/api/chats?limit=10"), lambda: many.get("/api/chats?limit=10"))
        waiting = {name: rows[name] for name in ("few_waiting", "many_waiting")}
        took = await _rows(machine, "time", **waiting)
    finally:
        await _rows(machine, "remove", **chats)
    claims, looks = (
        (median(took[f"few_{what}"]), median(took[f"many_{what}"])) for what in ("claim", "look")
    )  # fmt: skip
    return [
        _figure(f"assistant_message at {LONG:,} messages in the chat vs {LITTLE}", asked),
        _figure(f"chat list at {MANY_CHATS:,} chats vs {LITTLE}", listed),
        _figure(f"claim at {LONG:,} waiting vs {LITTLE}", claims),
        _figure(f"places in the queue, the look of a web process, at {LONG:,} waiting vs {LITTLE}", looks),
    ]


def _figure(name: str, pair: tuple[float, float]) -> Figure:
    few, many = pair
    return Figure(name, many / few, "x", "1.2", f"{many:.2f} ms and {few:.2f} ms")


async def _pairs(few: Callable[[], Awaitable[object]], many: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The medians in milliseconds."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(PAIRS):
        for times, call in zip(took, (few, many), strict=True):
            began = time.monotonic()
            await call()
            times.append((time.monotonic() - began) * 1e3)
    return median(took[0]), median(took[1])


async def _rows(machine: Machine, verb: str, **arguments: Any) -> Any:
    """rows.py, in a process of its own."""
    with (machine.folder / "rows.log").open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.rows", verb, json.dumps(arguments)),
            cwd=ROOT, env=machine.environ, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
        out, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"tests.bench.rows {verb} ended with {child.returncode}: see {machine.folder / 'rows.log'}")
    return json.loads(out)
