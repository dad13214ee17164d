"""The queue is open only while the engine is healthy and serves what the catalogue says."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from inference.engines import TGIEngine
from inference.engines.base import EngineInfo
from tests.workers.attempts import CONFIG, FillerEngine, filler_engine
from workers import health_gate
from workers.health_gate import HealthGate, disagreement

DOWN = {"kind": "status", "status": 503, "on": "health", "count": None}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other quickly."""
    monkeypatch.setattr(health_gate, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(health_gate, "MISMATCH_LOOK_EVERY_S", 0.02)


@pytest.fixture
async def server() -> AsyncIterator[FillerEngine]:
    async with filler_engine() as server:
        yield server


@pytest.fixture
async def gate(server: FillerEngine) -> AsyncIterator[HealthGate]:
    """A gate that watches."""
    engine = TGIEngine(server.url)
    gate = HealthGate(engine, server.url, CONFIG, (CONFIG.queue_name,))
    watching = asyncio.create_task(gate.watch())
    yield gate
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await engine.aclose()


async def becomes(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_it_opens_for_a_healthy_engine_of_the_right_model(gate: HealthGate):
    assert not gate.is_open
    await becomes(lambda: gate.is_open)
    assert gate.closed_because == ""


async def test_it_closes_when_health_fails_and_opens_when_it_is_back(gate: HealthGate, server: FillerEngine):
    await becomes(lambda: gate.is_open)
    await server.arm(DOWN)
    await becomes(lambda: not gate.is_open)
    assert gate.closed_because.startswith(f"the engine at {server.url} is not healthy: start it")
    await server.disarm()
    await becomes(lambda: gate.is_open)


async def test_one_failed_look_does_not_close_it(gate: HealthGate, server: FillerEngine):
    await becomes(lambda: gate.is_open)
    await server.arm(DOWN | {"count": 1})
    for _ in range(40):
        assert gate.is_open
        await asyncio.sleep(0.005)


async def test_a_reply_that_found_the_engine_down_closes_it_with_the_next_look(
    gate: HealthGate, server: FillerEngine, monkeypatch: pytest.MonkeyPatch
):
    await becomes(lambda: gate.is_open)
    monkeypatch.setattr(health_gate, "LOOK_EVERY_S", 60)
    await asyncio.sleep(0.05)  # the look that was under way is over; the next one would come in a minute
    await server.arm(DOWN | {"count": 1})
    gate.suspect()
    await becomes(lambda: not gate.is_open)


async def test_an_engine_that_does_not_say_what_it_serves_keeps_it_closed(gate: HealthGate, server: FillerEngine):
    await server.arm(DOWN)
    await becomes(lambda: "not healthy" in gate.closed_because)
    await server.arm({"kind": "status", "status": 500, "on": "info", "count": None})
    await server.disarm()
    await server.arm({"kind": "status", "status": 500, "on": "info", "count": None})
    gate.suspect()
    await becomes(lambda: "does not say what it serves" in gate.closed_because)
    assert not gate.is_open


async def test_a_gate_that_stays_closed_says_so_now_and_then(
    server: FillerEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """Celery's "ready." would else be the last that a newcomer reads of a worker that takes no work."""
    monkeypatch.setattr(health_gate, "SAY_AGAIN_AFTER_S", (0.1, 0.1))
    await server.arm(DOWN)
    engine = TGIEngine(server.url)
    watching = asyncio.create_task(HealthGate(engine, server.url, CONFIG, (CONFIG.queue_name,)).watch())
    await becomes(lambda: caplog.text.count("The queue stays closed: the engine at") >= 3)
    watching.cancel()
    await engine.aclose()


async def test_an_engine_of_another_model_is_refused(server: FillerEngine):
    engine = TGIEngine(server.url)
    other = CONFIG.model_copy(update={"model_id": "tests/other"})
    gate = HealthGate(engine, server.url, other, (other.queue_name,))
    watching = asyncio.create_task(gate.watch())
    await becomes(lambda: "serves 'tests/filler'" in gate.closed_because)
    assert "start the engine with that model, or this worker with another --model" in gate.closed_because
    assert not gate.is_open
    watching.cancel()
    await engine.aclose()


async def test_once_shut_it_stays_shut(gate: HealthGate):
    await becomes(lambda: gate.is_open)
    gate.shut("the worker drains")
    for _ in range(20):
        assert (gate.is_open, gate.closed_because) == (False, "the worker drains")
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("info", "agrees"),
    [
        (EngineInfo("tests/filler", 1024, 2048), True),
        (EngineInfo("tests/filler", 4096, 8192), True),
        (EngineInfo("tests/filler"), True),
        (EngineInfo("tests/other", 1024, 2048), False),
        (EngineInfo("tests/filler", 1023, 2048), False),
        (EngineInfo("tests/filler", 1024, 2047), False),
    ],
)
def test_an_engine_agrees_with_the_catalogue_when_it_serves_the_model_with_enough_room(info: EngineInfo, agrees: bool):
    assert (disagreement(info, CONFIG) == "") is agrees
