"""The hub: what all readers of a process share, and that nothing of it stays when they have gone."""

import asyncio
import gc
import random

import pytest

from chats.database import in_database
from chats.redis import sync_redis
from chats.repository.ending import cancel
from chats.streaming.hub import current_hub
from inference.stream import Cursor
from inference.stream.reader_state import FinalMessage
from tests.chats.event_source import EventSource, shown, until_shown
from tests.chats.people import path_of
from tests.chats.played_worker import Attempt
from tests.chats.waiting import until

pytestmark = pytest.mark.usefixtures("live")


def subscriptions(message):
    """The Valkey channels that carry the message's events to somebody."""
    return sync_redis().pubsub_channels(f"*message.{message.pk}*")


async def warm_up(reply):
    """What stays for as long as the loop does is there before the test counts: the layer's connection and receiver."""
    async with current_hub().reader(str(reply.pk), None, can_rewind=True):
        pass


async def settled(tasks_before, *messages):
    """Waits until no task and no subscription is left over."""
    await until(lambda: asyncio.all_tasks() <= tasks_before)
    await until(lambda: not any(subscriptions(message) for message in messages))


async def receive_all(message, *, cursor=None):
    """All events of a reader inside this process."""
    async with current_hub().reader(str(message.pk), cursor, can_rewind=True) as reader:
        return [event async for event in reader]


async def test_a_reader_that_vanishes_leaves_nothing_behind(person, reply, model):
    await warm_up(reply)
    before = asyncio.all_tasks()
    attempt = await Attempt.begins(model)
    source = await EventSource.opened(path_of(reply, "/events"), bearer=person.bearer)
    await attempt.says("Hello")
    await until_shown(source, "Hello")
    assert subscriptions(reply)
    await source.vanish()
    await settled(before, reply)


async def test_a_reader_that_reads_to_the_end_leaves_nothing_behind(reply, model):
    await warm_up(reply)
    before = asyncio.all_tasks()
    attempt = await Attempt.begins(model)
    reading = asyncio.create_task(receive_all(reply))
    await attempt.says("Hello")
    await attempt.completes()
    assert shown(await reading) == "Hello"
    await settled(before, reply)


async def test_a_reply_that_was_read_to_its_end_is_not_kept(reply, model):
    attempt = await Attempt.begins(model)
    readings = [asyncio.create_task(receive_all(reply)) for _ in range(3)]
    await attempt.says(str(reply.pk))
    await attempt.completes()
    for reading in readings:
        assert shown(await reading) == str(reply.pk)
    gc.collect()
    assert not [each for each in gc.get_objects() if type(each) is FinalMessage and each.content == str(reply.pk)]


@pytest.mark.parametrize("seed", range(6))
async def test_readers_that_come_and_go_at_any_moment_leave_nothing_behind(prompt, ask, seed):
    """Cancelled before, while and after they subscribe: a leftover subscription would cost as long as the process."""
    chance = random.Random(seed)
    replies = await in_database(lambda: [ask(prompt) for _ in range(4)])
    await warm_up(replies[0])
    before = asyncio.all_tasks()
    for _ in range(40):
        readers = [asyncio.create_task(receive_all(chance.choice(replies))) for _ in range(chance.randint(1, 5))]
        for reader in readers:
            for _ in range(chance.randint(0, 12)):
                await asyncio.sleep(0)
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    await settled(before, *replies)


async def test_readers_who_come_after_others_have_gone_are_fed(reply, model):
    for _ in range(3):
        reader = asyncio.create_task(receive_all(reply))
        await until(lambda: subscriptions(reply))
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    attempt = await Attempt.begins(model)
    reading = asyncio.create_task(receive_all(reply))
    await attempt.says("Still ", "here.")
    await attempt.completes()
    assert shown(await reading) == "Still here."


async def test_a_reader_that_leaves_takes_nothing_from_the_others(reply, model):
    attempt = await Attempt.begins(model)
    stays = asyncio.create_task(receive_all(reply))
    leaves = asyncio.create_task(receive_all(reply))
    await until(lambda: subscriptions(reply))
    await attempt.says("One. ")
    leaves.cancel()
    await asyncio.gather(leaves, return_exceptions=True)
    await until(lambda: subscriptions(reply))  # the one that stays
    await attempt.says("Two.")
    await attempt.completes()
    assert shown(await stays) == "One. Two."


async def test_many_readers_of_many_replies_each_get_their_own_text_once(prompt, ask, model):
    replies = await in_database(lambda: [ask(prompt) for _ in range(5)])
    attempts = {str(each.message_id): each for each in [await Attempt.begins(model) for _ in replies]}
    readings = {each: [asyncio.create_task(receive_all(each)) for _ in range(6)] for each in replies}
    for number in range(20):
        for reply in replies:
            await attempts[str(reply.pk)].says(f"{reply.pk}:{number} ")
    for attempt in attempts.values():
        await attempt.completes()
    for reply, readers in readings.items():
        for reader in readers:
            received = await reader
            assert shown(received) == attempts[str(reply.pk)].text == received[-1]["message"]["content"]


async def test_two_readers_end_at_once_when_the_row_is_final_before_they_came(reply, model):
    attempt = await Attempt.begins(model)
    await attempt.says("Done.")
    await attempt.completes()
    for received in await asyncio.gather(*(receive_all(reply, cursor=Cursor(1, 2)) for _ in range(3))):
        assert [event["event_type"] for event in received] == ["token", "message"]
        assert received[0]["text"] == "ne."


async def test_a_cancelled_reader_does_not_stop_the_query_that_another_waits_for(reply, model):
    attempt = await Attempt.begins(model)
    await attempt.says("Text")
    readers = [asyncio.create_task(receive_all(reply)) for _ in range(4)]
    await until(lambda: subscriptions(reply))
    await in_database(cancel, reply.pk)
    readers[0].cancel()
    for received in (await asyncio.gather(*readers, return_exceptions=True))[1:]:
        assert shown(received) == received[-1]["message"]["content"] == "Text"
