"""Who is told of an ending, after the commit: the worker that is to stop, the readers, those who have the chat open."""

import asyncio
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer
from django.db import transaction

from chats.database import in_database
from chats.groups import chat_group, message_group, session_group
from chats.models import Chat, Message, State
from chats.repository.ending import cancel, delete_chat
from tests.chats.played_worker import claim

pytestmark = pytest.mark.usefixtures("live")


class Listener:
    """Hears what is said to some groups."""

    def __init__(self, *groups):
        self._groups = groups

    async def __aenter__(self):
        self._layer = get_channel_layer()
        self._channel = await self._layer.new_channel()
        for group in self._groups:
            await self._layer.group_add(group, self._channel)
        return self

    async def __aexit__(self, *_):
        for group in self._groups:
            await self._layer.group_discard(group, self._channel)

    async def heard(self):
        async with asyncio.timeout(60):
            return await self._layer.receive(self._channel)


async def test_a_cancel_is_told_to_the_worker_and_to_the_readers(reply, model):
    session_id = uuid4()
    attempt = (await in_database(claim, model, session_id=session_id)).attempt
    async with Listener(session_group(session_id), message_group(reply.pk)) as listener:
        assert await in_database(cancel, reply.pk)
        heard = [await listener.heard() for _ in range(2)]
    assert {"type": "session.stop", "message_id": str(reply.pk), "attempt": attempt} in heard
    assert {"type": "stream.finished", "message_id": str(reply.pk)} in heard


async def test_whoever_is_told_of_a_cancel_finds_it_committed(reply):
    def cancel_in_a_transaction():
        with transaction.atomic():
            cancel(reply.pk)

    async with Listener(message_group(reply.pk)) as listener:
        asked = asyncio.create_task(in_database(cancel_in_a_transaction))
        await listener.heard()
        row = await in_database(Message.objects.get, pk=reply.pk)
        assert row.state == State.CANCELLED
        await asked


async def test_a_cancel_that_is_rolled_back_is_told_to_nobody(prompt, ask):
    undone, done = await in_database(lambda: (ask(prompt), ask(prompt)))

    def cancel_and_roll_back():
        with transaction.atomic():
            assert cancel(undone.pk)
            transaction.set_rollback(True)

    async with Listener(message_group(undone.pk), message_group(done.pk)) as listener:
        await in_database(cancel_and_roll_back)
        await in_database(cancel, done.pk)
        assert (await listener.heard())["message_id"] == str(done.pk)
    assert (await in_database(Message.objects.get, pk=undone.pk)).state == State.PENDING


async def test_a_deleted_chat_is_told_to_workers_readers_and_those_who_have_it_open(chat, reply, model):
    session_id = uuid4()
    await in_database(claim, model, session_id=session_id)
    async with Listener(session_group(session_id), message_group(reply.pk), chat_group(chat.pk)) as listener:
        await in_database(lambda: delete_chat(Chat.objects.get(pk=chat.pk)))
        kinds = {(await listener.heard())["type"] for _ in range(3)}
        assert kinds == {"session.stop", "stream.finished", "chat.deleted"}
