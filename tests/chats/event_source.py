"""Server-Sent Events of the real ASGI application, read frame by frame as a client reads them."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from asgiref.testing import ApplicationCommunicator

from inference import events
from oasst_site.asgi import application

WITHIN_S = 60.0


@dataclass(frozen=True)
class Frame:
    """One frame. `event` is None for a comment (a ping)."""

    cursor: str | None
    event: Any


class EventSource:
    """One GET. Use `opened`, then `next`, `rest` or `vanish`."""

    def __init__(self, path: str, headers: dict[str, str], method: str) -> None:
        url = urlsplit(f"/api/{path}")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": url.path,
            "raw_path": url.path.encode(),
            "query_string": url.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }
        self._application = ApplicationCommunicator(application, scope)
        self._text = ""
        self._ended = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.frames: list[Frame] = []
        self.received_bytes = 0

    @classmethod
    async def opened(
        cls,
        path: str,
        *,
        bearer: str | None = None,
        last_event_id: str | None = None,
        method: str = "GET",
    ) -> "EventSource":
        """Sends the request and reads the answer's head."""
        headers = {"Host": "testserver", "Accept": "text/event-stream"}
        headers |= {"Authorization": bearer} if bearer else {}
        headers |= {"Last-Event-ID": last_event_id} if last_event_id is not None else {}
        source = cls(path, headers, method)
        await source._application.send_input({"type": "http.request", "body": b"", "more_body": False})
        head = await source._application.receive_output(WITHIN_S)
        assert head["type"] == "http.response.start"
        source.status = head["status"]
        source.headers = {name.decode().lower(): value.decode() for name, value in head["headers"]}
        return source

    async def next(self) -> Frame:
        """The next frame."""
        while "\n\n" not in self._text:
            assert not self._ended, "the stream has ended"
            await self._read()
        text, self._text = self._text.split("\n\n", 1)
        frame = _frame(text)
        self.frames.append(frame)
        return frame

    async def rest(self) -> list[Any]:
        """All further events up to the end of the stream, pings left out."""
        found: list[Any] = []
        async with asyncio.timeout(WITHIN_S):
            while True:
                while "\n\n" in self._text:
                    frame = await self.next()
                    if frame.event is not None:
                        found.append(frame.event)
                if self._ended:
                    break
                await self._read()
        assert self._text == ""
        await self._application.wait(WITHIN_S)
        return found

    async def body(self) -> str:
        """The whole body of an answer that is no stream."""
        async with asyncio.timeout(WITHIN_S):
            while not self._ended:
                await self._read()
        await self._application.wait(WITHIN_S)
        return self._text

    async def vanish(self) -> None:
        """The client's connection is gone; returns when the application has noticed."""
        await self._application.send_input({"type": "http.disconnect"})
        await self._application.wait(WITHIN_S)

    async def _read(self) -> None:
        part = await self._application.receive_output(WITHIN_S)
        assert part["type"] == "http.response.body"
        body = part.get("body", b"")
        self.received_bytes += len(body)
        self._text += body.decode()
        self._ended = not part.get("more_body", False)


def _frame(text: str) -> Frame:
    if text.startswith(":"):
        return Frame(None, None)
    fields = dict(line.split(": ", 1) for line in text.split("\n"))
    assert set(fields) in ({"data"}, {"id", "data"})
    event = events.decode(fields["data"])
    cursor = fields.get("id")
    assert cursor == event.get("cursor"), "the id is the event's cursor"  # type: ignore[attr-defined]
    return Frame(cursor, event)


def shown(received: list[Any]) -> str:
    """The text that a client shows after these events. Every token must follow the one before without a hole."""
    text = b""
    for event in received:
        if event["event_type"] == "restart":
            text = b""
        elif event["event_type"] == "token":
            assert event["offset"] == len(text), f"a hole or a repeat before {event}"
            text += event["text"].encode()
            assert event["end"] == len(text)
    return text.decode()


async def until_shown(source: EventSource, text: str) -> None:
    """Reads on until the client shows this text."""
    async with asyncio.timeout(WITHIN_S):
        while shown([frame.event for frame in source.frames if frame.event is not None]) != text:
            await source.next()
