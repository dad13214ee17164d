"""Server-sent events off an open HTTP response, as the objects that the server wrote."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

from chats.text_client.errors import ReplyFailed


@dataclass(frozen=True)
class ServerEvent:
    """One event: the cursor to come back with (Last-Event-ID; empty before the first) and the JSON object."""

    cursor: str
    data: dict[str, Any]


async def read_events(response: httpx.Response) -> AsyncGenerator[ServerEvent, None]:
    """The events of the response until it ends; comments and `ping` events are passed over.

    Raises ReplyFailed for what is no event stream or no JSON object, httpx.TransportError when the connection breaks.
    """
    try:
        async for event in EventSource(response).aiter_sse():
            if not event.data or event.event == "ping":
                continue
            yield ServerEvent(event.id, _parse(event.data))
    except SSEError as error:
        raise ReplyFailed(f"{response.request.url} sent no event stream: {error}") from error


def _parse(data: str) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("event_type"), str):
        raise ReplyFailed(f"The server sent an event that is no JSON object with an event_type: {data[:200]!r}")
    return parsed
