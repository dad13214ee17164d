"""Server-sent events off an open HTTP response, as the events of `inference.events`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import httpx
from httpx_sse import EventSource, SSEError

from chats.text_client.errors import ReplyFailed
from inference.events import ServerEvent, decode


@dataclass(frozen=True)
class Received:
    """One event and the cursor to come back with after it (Last-Event-ID; empty before the first)."""

    cursor: str
    event: ServerEvent


async def read_events(response: httpx.Response) -> AsyncGenerator[Received, None]:
    """The events of the response until it ends; comments and `ping` events are passed over.

    Raises ReplyFailed for what is no event stream or no event, httpx.TransportError when the connection breaks.
    """
    try:
        async for sent in EventSource(response).aiter_sse():
            if sent.data and sent.event != "ping":
                yield Received(sent.id, decode(sent.data))
    except SSEError as error:
        raise ReplyFailed(f"{response.request.url} sent no event stream: {error}") from error
    except ValueError as error:
        raise ReplyFailed(f"{response.request.url} sent something else than events: {error}") from error
