"""A socket opens only once it hears: whoever reads the chat after that misses nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.db import connection, transaction

from chats.database import in_database
from tests.chats.waiting import until


@asynccontextmanager
async def chats_are_locked() -> AsyncIterator[None]:
    """Nobody can read a chat from Postgres in the block."""
    locked, done = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE chats_chat IN ACCESS EXCLUSIVE MODE")
            loop.call_soon_threadsafe(locked.set)
            done.wait(60)

    holding = asyncio.ensure_future(in_database(hold))
    try:
        await locked.wait()
        yield
    finally:
        done.set()
        await holding


def somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'chats_chat'::regclass)")
        return bool(cursor.fetchone()[0])


async def test_what_changes_once_a_socket_is_open_is_heard(connect, person, chat):
    async with chats_are_locked():
        opening = asyncio.create_task(connect())
        await until(lambda: in_database(somebody_waits_for_the_lock))
        assert not opening.done()
    socket = await opening
    await in_database(person.api.put, f"chats/{chat.pk}", {"title": "Kamele"})
    assert (await socket.answer("chat"))["chat"]["title"] == "Kamele"
