"""One reply from asking to its end on the screen, with Ctrl-C in between."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from chats.text_client.api import Api
from chats.text_client.conversation import Asked, Conversation
from chats.text_client.errors import ClientError
from chats.text_client.follow import follow
from chats.text_client.keyboard import Stopped, on_ctrl_c, silent_keys
from chats.text_client.reply import Ended, ReplyEvent, Text
from chats.text_client.screen import SILENT, Screen
from inference.long_waits import shown_if_long


class Left(Exception):
    """A second Ctrl-C while the reply was being stopped: the person wants out, now."""


async def answer(conversation: Conversation, ask: Callable[[], Awaitable[Asked]], screen: Screen) -> Ended:
    """Ask, and draw the reply to its end.

    The first Ctrl-C cancels the reply on the server; its end then comes as for every reply. Raises Stopped,
    Left, and what Api and follow raise.
    """
    return await _Answer(conversation, ask, screen).run()


class _Answer:
    def __init__(self, conversation: Conversation, ask: Callable[[], Awaitable[Asked]], screen: Screen) -> None:
        self._conversation = conversation
        self._ask = ask
        self._screen = screen
        self._asked: Asked | None = None
        self._presses = 0
        self._stopping: asyncio.Task[None] | None = None

    async def run(self) -> Ended:
        self._reading = asyncio.create_task(self._read())
        try:
            with silent_keys(), on_ctrl_c(self._pressed):
                return await self._reading
        except asyncio.CancelledError:
            if self._presses == 0:
                raise
            raise (Stopped if self._asked is None else Left) from None
        finally:
            for task in (self._reading, self._stopping):
                if task is not None:
                    task.cancel()
                    await asyncio.wait([task])
            self._screen.status("")

    async def _read(self) -> Ended:
        self._asked = asked = await self._ask()
        async with aclosing(follow(self._conversation.api, asked.chat_id, asked.message_id)) as events:
            event: ReplyEvent | None = None
            while not isinstance(event, Ended):
                event = await self._next(events, event)
                self._screen.draw(event)
        self._conversation.ended(event)
        return event

    async def _next(self, events: AsyncGenerator[ReplyEvent, None], last: ReplyEvent | None) -> ReplyEvent:
        """The next event; a long silence is told, where no line of the last event tells already what is waited for."""
        if last is None or isinstance(last, Text):
            with shown_if_long(SILENT, self._screen.passing):
                return await anext(events)
        return await anext(events)

    def _pressed(self) -> None:
        self._presses += 1
        if self._asked is None or self._stopping is not None:
            self._reading.cancel()
            return
        self._screen.stopping()
        self._stopping = asyncio.create_task(self._stop(self._conversation.api, self._asked))

    async def _stop(self, api: Api, asked: Asked) -> None:
        try:
            await api.cancel(asked.chat_id, asked.message_id)
        except ClientError as error:
            self._screen.note(f"The reply could not be stopped: {error}", "red")
