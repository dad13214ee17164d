"""Sockets of the person, closed at the end of the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from chats.models import Chat
from tests.chats.chat_socket import ChatSocket
from tests.chats.people import Person

Connect = Callable[..., Awaitable[ChatSocket]]


@pytest.fixture
async def connect(live: None, person: Person, chat: Chat) -> AsyncIterator[Connect]:
    """Opens a socket on the person's chat by bearer token; keyword arguments as of ChatSocket.opened."""
    opened: list[ChatSocket] = []

    async def connect(chat_id: object = chat.pk, **login: Any) -> ChatSocket:
        socket = await ChatSocket.opened(chat_id, **(login or {"bearer": person.bearer}))
        opened.append(socket)
        return socket

    yield connect
    for socket in opened:
        await socket.leaves()


@pytest.fixture
async def socket(connect: Connect) -> ChatSocket:
    """A socket on the person's chat."""
    return await connect()
