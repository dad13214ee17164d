"""Readers live through an outage of Redis: a server of this test's own is killed under them."""

import asyncio
import signal
from copy import deepcopy

import pytest
from channels.layers import get_channel_layer

from chats.database import in_database
from chats.groups import publish
from chats.redis import async_redis, sync_redis
from chats.repository import work
from chats.repository.ending import cancel
from chats.streaming.hub import current_hub
from oasst_site.stack.ports import free_port
from oasst_site.stack.valkey import ValkeyServer
from tests.chats.event_source import shown
from tests.chats.played_worker import Attempt, claim, result
from tests.chats.waiting import until
from tests.servers import start

pytestmark = pytest.mark.usefixtures("transactional_db")


class Server:
    """A Valkey server that holds nothing over its death."""

    def __init__(self, folder):
        self._server = ValkeyServer(data=folder / "valkey", port=free_port(), password="none", keep=False)
        self._log = folder / "valkey.log"
        self._server.prepare()
        self.url = self._server.url

    def start(self):
        self._process = start(self._server, self._log)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def hang(self):
        self._process.send_signal(signal.SIGSTOP)


@pytest.fixture
async def server(settings, tmp_path):
    """The server of stream buffer and Channels layer; the broker stays where it is."""
    server = Server(tmp_path)
    server.start()
    layers = deepcopy(settings.CHANNEL_LAYERS)
    layers["default"]["CONFIG"]["hosts"][0]["address"] = server.url
    settings.REDIS_URL, settings.CHANNEL_LAYERS = server.url, layers
    sync_redis.cache_clear()
    yield server
    server.kill()
    await get_channel_layer().flush()
    await async_redis().aclose()
    sync_redis.cache_clear()


async def read(reply, received):
    async with current_hub().reader(str(reply.pk), None, can_rewind=True) as reader:
        async for event in reader:
            received.append(event)


@pytest.mark.parametrize("fault", ["kill", "hang"])
async def test_a_reply_that_ends_while_redis_is_away_ends_for_its_readers_too(server, reply, model, fault):
    received = []
    attempt = await Attempt.begins(model)
    reading = asyncio.create_task(read(reply, received))
    await attempt.says("Half")
    await until(lambda: shown(received) == "Half")
    getattr(server, fault)()
    assert await in_database(work.complete, reply.pk, attempt.work.attempt, result("Half and whole.", epoch=1))
    async with asyncio.timeout(60):
        await reading
    assert shown(received) == received[-1]["message"]["content"] == "Half and whole."


@pytest.mark.parametrize("fault", ["kill", "hang"])
async def test_a_reader_that_comes_while_redis_is_away_is_told_the_end(server, reply, model, fault):
    claimed = await in_database(claim, model)
    getattr(server, fault)()
    received = []
    reading = asyncio.create_task(read(reply, received))
    assert await in_database(cancel, reply.pk)
    assert not await in_database(work.complete, reply.pk, claimed.attempt, result())
    async with asyncio.timeout(60):
        await reading
    assert received[-1]["message"]["state"] == "cancelled"


async def test_a_reader_goes_on_when_redis_comes_back_empty(server, reply, model):
    """The writer puts the text back, the layer subscribes again; nobody sees a byte twice."""
    received = []
    attempt = await Attempt.begins(model)
    reading = asyncio.create_task(read(reply, received))
    await attempt.says("Before. ")
    await until(lambda: shown(received) == "Before. ")
    server.kill()
    server.start()
    await attempt.says("After. ")
    await until(lambda: shown(received) == "Before. After. ")
    assert await attempt.completes()
    async with asyncio.timeout(60):
        await reading
    assert "restart" not in {event["event_type"] for event in received}
    assert received[-1]["message"]["content"] == shown(received) == "Before. After. "


async def test_what_is_published_first_after_redis_came_back_is_heard(server):
    """By connections that were found dead; of several at the same time too."""
    told = [{"type": "chat.event", "event": number} for number in range(3)]
    layer = get_channel_layer()
    assert all(await asyncio.gather(*(publish("chat.before", each) for each in told)))
    await asyncio.gather(*(async_redis().ping() for _ in range(3)))  # several connections
    server.kill()
    server.start()
    channel = await layer.new_channel()
    await layer.group_add("chat.after", channel)
    assert all(await asyncio.gather(*(publish("chat.after", each) for each in told)))
    assert [await layer.receive(channel) for _ in told] == told
    assert await asyncio.gather(*(async_redis().ping() for _ in range(3))) == [True] * 3
