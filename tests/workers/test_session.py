"""A worker session on real servers: it signs on, beats, heeds what concerns it, comes back, signs off."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async

from chats.groups import announce_end
from chats.redis import async_redis, sync_redis
from inference.engines import TGIEngine
from inference.sessions import DETAILS_KEY, LIVE_KEY, SessionInfo, SessionRegistry
from tests.tries import once_more
from workers.events import note_disconnect
from workers.health_gate import HealthGate
from workers.in_flight import InFlight, RunningReply, StopReason
from workers.models import WorkerEvent
from workers.session import Session

pytestmark = pytest.mark.usefixtures("no_sessions", "transactional_db", "layer")

AT_ONCE_S = 0.2


class World:
    """A session and what surrounds it."""

    def __init__(self, model) -> None:
        self.in_flight = InFlight()
        self.registry = SessionRegistry(async_redis())
        self.gate = HealthGate(TGIEngine("http://127.0.0.1:1"), "http://127.0.0.1:1", model, (model.queue_name,))
        self.fences_asked = 0
        self.info = SessionInfo(
            session_id=uuid4(),
            worker_name="w@host",
            model_config_name=model.name,
            compat_hash=model.compat_hash,
            max_parallel_requests=2,
            started_at="2026-01-01T00:00:00+00:00",
            config={"max_parallel_requests": 2},
        )
        self.session = Session(
            self.info, registry=self.registry, in_flight=self.in_flight, gate=self.gate, fences=self._fences
        )

    async def _fences(self) -> None:
        self.fences_asked += 1

    async def entry(self) -> SessionInfo | None:
        return (await self.registry.list()).get(self.info.session_id)

    async def beats(self, beyond: int = 0) -> SessionInfo:
        """Wait for an entry whose counter is beyond a number."""
        deadline = time.monotonic() + 60
        while (entry := await self.entry()) is None or entry.beat <= beyond or not entry.hardware:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        return entry


@pytest.fixture
async def world(model) -> AsyncIterator[World]:
    world = World(model)
    await world.session.sign_on()
    yield world
    await world.session.sign_off("the test ended")


@database_sync_to_async
def stored() -> list[tuple[str, str]]:
    return list(WorkerEvent.objects.order_by("id").values_list("event_type", "reason"))


async def events(count: int) -> list[tuple[str, str]]:
    """Wait until so many worker events are stored; their types and reasons."""
    deadline = time.monotonic() + 60
    while len(found := await stored()) < count:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.01)
    return found


async def becomes(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_each_beat_shows_that_the_process_is_alive(world: World, settings, tmp_path):
    alive = tmp_path / "alive"
    settings.ALIVE_FILE = str(alive)
    await becomes(alive.exists)
    first = alive.stat().st_mtime_ns
    await becomes(lambda: alive.stat().st_mtime_ns > first)


async def test_it_tells_of_itself_and_its_counter_moves(world: World):
    first = await world.beats()
    assert (first.worker_name, first.max_parallel_requests, first.open) == ("w@host", 2, False)
    assert first.hardware["cpu_count_logical"]
    assert first.config == {"max_parallel_requests": 2}
    assert first.closed_because == "the engine was not asked yet"
    later = await world.beats(beyond=first.beat + 1)
    assert later.metrics["mem_usage"] > 0
    assert world.fences_asked >= 2


async def test_its_beat_names_the_replies_that_it_holds(world: World):
    reply = RunningReply(uuid4(), 1)
    with world.in_flight.holding(reply):
        beat = (await world.beats()).beat
        assert (await world.beats(beyond=beat)).replies == [str(reply.message_id)]


async def test_an_ended_message_is_stopped_here_at_once(world: World):
    await world.beats()
    took_s: list[float] = []
    while once_more(took_s, below=AT_ONCE_S):
        took_s.append(await until_stopped(world))
    assert min(took_s) < AT_ONCE_S, took_s


async def until_stopped(world: World) -> float:
    """Seconds from the end of a message to the stop of its reply."""
    reply = RunningReply(uuid4(), 2)
    with world.in_flight.holding(reply):
        await announce_end(reply.message_id, world.info.session_id, attempt=1)
        await announce_end(uuid4(), world.info.session_id, attempt=9)
        began = time.monotonic()
        await announce_end(reply.message_id, world.info.session_id, attempt=2)
        await becomes(lambda: reply.stop_reason is not None)
        took_s = time.monotonic() - began
    assert reply.stop_reason is StopReason.ENDED
    return took_s


async def test_the_stop_of_an_earlier_attempt_is_not_ours(world: World):
    await world.beats()
    reply, marker = RunningReply(uuid4(), 3), RunningReply(uuid4(), 1)
    with world.in_flight.holding(reply), world.in_flight.holding(marker):
        await announce_end(reply.message_id, world.info.session_id, attempt=2)
        await announce_end(marker.message_id, world.info.session_id, attempt=1)
        await becomes(lambda: marker.stop_reason is not None)
        assert reply.stop_reason is None


async def test_a_flushed_registry_gets_the_whole_session_back(world: World):
    first = await world.beats()
    sync_redis().delete(LIVE_KEY, DETAILS_KEY)
    back = await world.beats(beyond=first.beat)
    assert back.hardware == first.hardware


async def test_one_that_was_taken_for_dead_stores_that_it_is_back(world: World):
    await world.beats()
    await events(1)
    await database_sync_to_async(note_disconnect)(world.info.session_id, "w@host", "lost")
    sync_redis().delete(LIVE_KEY, DETAILS_KEY)
    assert await events(3) == [("connect", ""), ("disconnect", "lost"), ("connect", "back: it had only been silent")]


async def test_it_signs_off_with_the_reason(model):
    world = World(model)
    await world.session.sign_on()
    await world.beats()
    await events(1)
    await world.session.sign_off("drained")
    assert await world.entry() is None
    assert await events(2) == [("connect", ""), ("disconnect", "drained")]
