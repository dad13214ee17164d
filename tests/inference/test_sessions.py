"""The registry of worker sessions, on a real server."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import redis
import redis.asyncio

from inference.sessions import DETAILS_KEY, LIVE_KEY, SessionInfo, SessionRegistry, SyncSessionRegistry


@pytest.fixture
def own_url(redis_url: str) -> Iterator[str]:
    """A database of this file's own on the tests' server: the registry's keys have fixed names."""
    url = redis_url.rpartition("/")[0] + "/9"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
async def registry(own_url: str) -> AsyncIterator[SessionRegistry]:
    async with redis.asyncio.Redis.from_url(own_url) as client:
        yield SessionRegistry(client)


@pytest.fixture
def looking(own_url: str) -> Iterator[SyncSessionRegistry]:
    with redis.Redis.from_url(own_url) as client:
        yield SyncSessionRegistry(client)


def a_session(**changes: object) -> SessionInfo:
    info = SessionInfo(
        session_id=uuid4(),
        worker_name="demo-1@host",
        model_config_name="demo",
        compat_hash="demo-2048-1024-f",
        max_parallel_requests=4,
        started_at="2026-01-01T00:00:00+00:00",
        beat=1,
        config={"max_parallel_requests": 4},
        hardware={"gpus": [{"name": "H200", "total_memory": 2**37}]},
    )
    return replace(info, **changes)  # type: ignore[arg-type]


async def test_a_session_that_registered_is_listed_with_everything(registry, looking):
    info = a_session(replies=[str(uuid4())], open=True, metrics={"cpu_usage": 1.5})
    await registry.register(info)
    assert await registry.list() == looking.list() == {info.session_id: info}


async def test_a_quick_look_leaves_out_what_never_changes(registry, looking):
    info = a_session()
    await registry.register(info)
    assert await registry.live() == looking.live() == {info.session_id: replace(info, config={}, hardware={})}


async def test_a_beat_of_a_session_that_redis_has_lost_brings_all_of_it_back(registry, looking):
    info = a_session()
    assert await registry.beat(info)
    assert not await registry.beat(replace(info, beat=2))
    assert looking.list() == {info.session_id: replace(info, beat=2)}


async def test_a_session_that_left_is_gone(registry, looking):
    staying, leaving = a_session(), a_session()
    for info in (staying, leaving):
        await registry.register(info)
    await registry.leave(leaving.session_id)
    assert looking.list().keys() == {staying.session_id}


async def test_a_dead_session_is_forgotten_unless_it_has_moved_on(registry, looking, own_url):
    info = a_session(beat=41)
    await registry.register(info)
    await registry.beat(replace(info, beat=42))
    assert not looking.forget(info.session_id, 41)
    assert looking.forget(info.session_id, 42)
    assert not looking.forget(info.session_id, 42)
    with redis.Redis.from_url(own_url) as client:
        assert not client.exists(LIVE_KEY, DETAILS_KEY)


async def test_a_huge_counter_is_compared_exactly(registry, looking):
    info = a_session(beat=2**53 - 1)
    await registry.register(info)
    assert looking.forget(info.session_id, 2**53 - 1)


async def test_an_entry_of_another_version_does_not_hide_the_others(registry, looking, own_url):
    info = a_session()
    await registry.register(info)
    with redis.Redis.from_url(own_url) as client:
        client.hset(LIVE_KEY, str(uuid4()), "not json")
        client.hset(LIVE_KEY, "no uuid", "{}")
        client.hset(LIVE_KEY, str(uuid4()), '{"beat": 1}')
        client.hset(
            LIVE_KEY,
            str(UUID(int=1)),
            client.hget(LIVE_KEY, str(info.session_id)).replace(b'"beat"', b'"new":1,"beat"'),
        )
    assert looking.live().keys() == {info.session_id, UUID(int=1)}


@pytest.mark.parametrize(
    ("seats", "held", "is_open", "free"), [(4, 1, True, 3), (4, 1, False, 0), (2, 3, True, 0), (1, 0, True, 1)]
)
def test_free_seats_are_those_of_an_open_session(seats: int, held: int, is_open: bool, free: int):
    info = a_session(max_parallel_requests=seats, replies=["x"] * held, open=is_open)
    assert (info.free_seats, info.in_flight) == (free, held)
