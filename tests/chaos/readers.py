"""Readers of a reply as real clients are: by websocket or server-sent events, coming back with their cursor."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.chaos.person import AWAY, Person
from tests.chaos.record import Record

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.5
RESTLESS_S = 0.1
RESTLESS_CONNECTIONS = 60
SILENCE_S = 30.0
"""A connection without a word for so long is given up and opened again, as clients do with a dead line."""


class Reader(ABC):
    """Reads one reply to its final event, over as many connections as it takes."""

    kind = ""

    def __init__(self, person: Person, chat_id: str, message_id: str) -> None:
        self.record = Record(self.kind, message_id)
        self._person = person
        self._chat_id = chat_id
        self._task = asyncio.create_task(self._read())

    async def ended(self, within_s: float) -> Record:
        """Wait for the final event. Raises TimeoutError, with what was read, when it does not come."""
        try:
            async with asyncio.timeout(within_s):
                await asyncio.shield(self._task)
        except TimeoutError:
            tail = self.record.text[-60:]
            raise TimeoutError(
                f"the {self.kind} reader of {self.record.message_id} has {len(self.record.text)} bytes (...{tail!r}), "
                f"cursor {self.record.cursor}, {self.record.connections} connections and no end after {within_s:g} s"
            ) from None
        return self.record

    async def has(self, count: int, within_s: float = 60.0) -> None:
        """Wait until so many bytes were read. Raises TimeoutError."""

        async def read() -> bool:
            return len(self.record.text) >= count or self.record.ended

        await until(read, f"{count} bytes of {self.record.message_id}, has {len(self.record.text)}", within_s)

    async def leave(self) -> None:
        """Stop reading, the connection closes."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        pause = FIRST_PAUSE_S
        while not self.record.ended:
            before = self.record.cursor
            try:
                async with asyncio.timeout(None) as self._limit:
                    await self._read_once()
            except AWAY as error:
                self.record.lost.append(repr(error))
            pause = FIRST_PAUSE_S if self.record.cursor != before else min(pause * 2, LONGEST_PAUSE_S)
            if not self.record.ended:
                await asyncio.sleep(self._pause_s(pause))

    def _stands(self) -> None:
        """A connection stands from now on."""
        self.record.connections += 1
        patience_s = self._patience_s()
        if patience_s is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + patience_s)

    def _patience_s(self) -> float | None:
        """How long a connection is kept."""
        return None

    def _pause_s(self, backoff: float) -> float:
        return backoff

    @abstractmethod
    async def _read_once(self) -> None:
        """One connection, until it ends."""


class EventStreamReader(Reader):
    """Reads `/events` and comes back with Last-Event-ID."""

    kind = "sse"

    async def _read_once(self) -> None:
        async with open_events(self._person, self._chat_id, self.record.message_id, self.record.cursor) as answer:
            if answer.status == 204:  # nothing is left to come but what the message itself tells
                self.record.take_message(await self._person.message(self._chat_id, self.record.message_id))
                return
            self._stands()
            answer.raise_for_status()
            async for event in events_of(answer):
                self.record.take(event)
                if self.record.ended:
                    return


class WebsocketReader(Reader):
    """Opens the chat's websocket and sends `resume` with its cursor."""

    kind = "websocket"

    async def _read_once(self) -> None:
        async with self._person.websocket(self._chat_id) as socket:
            self._stands()
            await socket.send_json(
                {
                    "type": "resume",
                    "ref": "r",
                    "message_id": self.record.message_id,
                    "cursor": self.record.cursor,
                }
            )
            while not self.record.ended:
                frame = await socket.receive(timeout=SILENCE_S)
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    return
                event = orjson.loads(frame.data)
                if event["event_type"] == "error" and event.get("ref") == "r":
                    return  # the command was refused for now
                if event.get("message_id") == self.record.message_id and event["event_type"] != "message_created":
                    self.record.take(event)


class _Restless(Reader):
    """Gives a connection up 100 ms after it stands, at once opens another one, and calms down after many."""

    def _patience_s(self) -> float | None:
        return RESTLESS_S if self.record.connections < RESTLESS_CONNECTIONS else None

    def _pause_s(self, backoff: float) -> float:
        return 0.0


class RestlessEventStreamReader(_Restless, EventStreamReader):
    """By server-sent events."""

    kind = "sse, restless"


class RestlessWebsocketReader(_Restless, WebsocketReader):
    """By websocket."""

    kind = "websocket, restless"


@asynccontextmanager
async def open_events(
    person: Person, chat_id: str, message_id: str, cursor: str | None
) -> AsyncIterator[aiohttp.ClientResponse]:
    """One connection to a reply's event stream."""
    headers = {"Last-Event-ID": cursor} if cursor else {}
    path = f"/api/chats/{chat_id}/messages/{message_id}/events?restart=true"
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=2, sock_read=SILENCE_S)
    async with person.http.get(person.url + path, headers=person.headers | headers, timeout=timeout) as answer:
        yield answer


async def events_of(answer: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """The events of an answer until it ends; comments are passed over."""
    async for line in answer.content:
        if line.startswith(b"data: "):
            yield orjson.loads(line[6:])


async def until(condition: Callable[[], Awaitable[bool]], what: str, within_s: float = 60.0) -> float:
    """Wait for a condition; the seconds it took. Raises TimeoutError that says `what`."""
    began = time.monotonic()
    while not await condition():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(0.005)
    return time.monotonic() - began
