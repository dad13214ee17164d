"""A websocket of somebody who is logged in, that hears what one Channels group says until the login ends."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

from chats.errors import NotFound
from chats.websocket.codes import NOT_FOUND, NOT_LOGGED_IN, TRY_AGAIN_LATER
from chats.websocket.turning_away import NOT_READY, turn_away
from inference import events
from inference.events import ServerEvent

logger = logging.getLogger(__name__)


class ListeningConsumer(AsyncWebsocketConsumer):
    """Accepts even whom it closes, so that a browser can read why; `find_group` says what it listens to."""

    group: str | None = None
    """None until the socket is let in."""

    _expiry: asyncio.TimerHandle | None = None
    _unwatch: Callable[[], None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As Channels', which asks Redis for a channel before it hears of the socket, and ends without it."""
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError):
            if hasattr(self, "channel_name"):
                raise
            await turn_away(send, scope.get("subprotocol"))

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels', without the way to a thread before each message, where database connections are looked after:
        nobody has one there, since the database is asked by `in_database`.
        """
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"{type(self).__name__} has no handler for messages of the type {message['type']}.")
        await handler(message)

    async def find_group(self) -> str:
        """The group to listen to. Raises NotFound when this person may not."""
        raise NotImplementedError

    async def connect(self) -> None:
        """Open means listening: whoever reads by REST what the socket is about, once it is open, misses nothing."""
        if self.scope["user"] is None:
            await self._refuse(NOT_LOGGED_IN, "Log in first.")
            return
        try:
            group = await self.find_group()
            await self.channel_layer.group_add(group, self.channel_name)
        except NotFound:
            await self._refuse(NOT_FOUND, "There is no such chat.")
        except Exception:  # Postgres or Redis is away: whichever it was, the client shall come back
            logger.warning("A websocket was turned away", exc_info=True)
            await self._refuse(TRY_AGAIN_LATER, NOT_READY)
        else:
            self.group = group
            await self.accept(self.scope.get("subprotocol"))
            self._end_with_login()

    async def _refuse(self, code: int, reason: str) -> None:
        await self.accept(self.scope.get("subprotocol"))
        await self.close(code, reason)

    async def disconnect(self, code: int) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if self._unwatch is not None:
            self._unwatch()
        if self.group is None:
            return
        try:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        except Exception as error:  # redis' errors and OSError: the subscription dies with its connection
            logger.info("%s is still subscribed: %s", self.group, error)

    async def send_event(self, event: ServerEvent) -> None:
        """One event to the client."""
        await self.send(events.encode(event))

    def _end_with_login(self) -> None:
        expires_at = self.scope["login_expires_at"]
        if expires_at is not None:
            delay = max(0.0, expires_at - time.time())
            self._expiry = asyncio.get_running_loop().call_later(delay, self._expire)
        self._unwatch = self.scope["watch_login"](self._expire)

    def _expire(self) -> None:
        self._closing: Any = asyncio.ensure_future(self.close(NOT_LOGGED_IN, "The login has ended."))
