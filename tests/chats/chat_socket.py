"""A client of the websocket, on the real ASGI application."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from channels.testing import WebsocketCommunicator

from inference import events
from oasst_site.asgi import application
from tests.chats.event_source import shown

WITHIN_S = 60.0
HOST = "testserver"


class ChatSocket:
    """One websocket. `received` holds every event so far, in order."""

    def __init__(self, path: str, headers: dict[str, str], subprotocols: list[str]) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in ({"Host": HOST} | headers).items()]
        self._socket = WebsocketCommunicator(application, path, headers=raw, subprotocols=subprotocols)
        self.received: list[Any] = []
        self.subprotocol: str | None = None

    @classmethod
    async def opened(
        cls,
        chat_id: object = None,
        *,
        path: str | None = None,
        bearer: str | None = None,
        cookie: str | None = None,
        origin: str | None = None,
        language: str | None = None,
        subprotocols: list[str] | None = None,
    ) -> "ChatSocket":
        """Shakes hands. The server accepts every websocket, so that a browser can read why it is then closed."""
        headers = {
            name: value
            for name, value in {
                "Authorization": bearer,
                "Cookie": cookie,
                "Origin": origin,
                "Accept-Language": language,
            }.items()
            if value is not None
        }
        socket = cls(path or f"/ws/chats/{chat_id}", headers, subprotocols or [])
        await socket.shakes_hands()
        return socket

    async def shakes_hands(self) -> None:
        """Connects."""
        accepted, self.subprotocol = await self._socket.connect(timeout=WITHIN_S)  # type: ignore[assignment]
        assert accepted

    async def says(self, **command: Any) -> None:
        """Sends a command."""
        await self.says_text(orjson.dumps(command).decode())

    async def says_text(self, text: str) -> None:
        """Sends a text frame as it is."""
        await self._socket.send_to(text_data=text)

    async def says_bytes(self, data: bytes) -> None:
        """Sends a binary frame."""
        await self._socket.send_to(bytes_data=data)

    async def hears(self) -> Any:
        """The next event."""
        event = events.decode(await self._socket.receive_from(WITHIN_S))
        self.received.append(event)
        return event

    async def until(self, is_it: Callable[[Any], bool]) -> Any:
        """The first event from now on of which this is true."""
        async with asyncio.timeout(WITHIN_S):
            while not is_it(event := await self.hears()):
                pass
        return event

    async def answer(self, *kinds: str) -> Any:
        """The next event of one of these kinds; places in the queue and texts before it are passed over."""
        return await self.until(lambda event: event["event_type"] in kinds)

    async def refusal(self) -> Any:
        """The next error event that answers a command."""
        error = await self.answer("error")
        assert error["message"] is None
        return error

    async def shows(self, text: str, message: object = None) -> None:
        """Returns when this text is shown, of the message if one is named."""
        async with asyncio.timeout(WITHIN_S):
            while self.shown(message) != text:
                await self.hears()

    def shown(self, message: object = None) -> str:
        """The text that a client shows by now, of this message or of the only one that there is."""
        wanted = str(getattr(message, "pk", message))
        return shown([each for each in self.received if message is None or each.get("message_id") == wanted])

    async def closed(self) -> int:
        """The code with which the server closes; events before that are passed over."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                output = await self._socket.receive_output(WITHIN_S)
                if output["type"] == "websocket.close":
                    await self.leaves(output["code"])
                    return int(output["code"])

    async def output(self) -> Any:
        """The next thing that the server sends, as ASGI has it."""
        return await self._socket.receive_output(WITHIN_S)

    async def is_silent(self) -> bool:
        """Whether the server has nothing more to send now."""
        return bool(await self._socket.receive_nothing(0.05))

    async def leaves(self, code: int = 1000) -> None:
        """Closes from the client's side; returns when the consumer has ended."""
        await self._socket.disconnect(code, timeout=WITHIN_S)
