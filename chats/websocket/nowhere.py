"""Websocket paths that lead nowhere: closed with 4404, where Channels alone would raise."""

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from chats.websocket.codes import NOT_FOUND


class Nowhere(AsyncWebsocketConsumer):
    """Accepts, so that a browser can read the code, and closes."""

    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND, "There is nothing at this path: use /ws/chats/CHAT_ID.")

    async def receive(self, *args: Any, **kwargs: Any) -> None:
        """Whatever was sent on the way is not read."""
