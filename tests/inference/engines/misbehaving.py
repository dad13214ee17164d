"""Engines that misbehave: small HTTP servers whose every byte a test decides."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from inference.engines import EngineError, EngineRequest, Finished, TextChunk
from inference.parameters import SamplingParameters

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """A running server: what was sent to it, and which readers left before the end."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    reader_left: asyncio.Event = field(default_factory=asyncio.Event)
    streaming: asyncio.Event = field(default_factory=asyncio.Event)


AT_ONCE_S = 2.0
"""On a busy machine, too. What is not done at once comes after the engine's patience of five seconds, or never."""

SERVER = web.AppKey("server", Server)
Serve = Callable[[dict[str, Handler]], Awaitable[Server]]


def events(*items: object, then: str = "end", between: float = 0) -> Handler:
    """A handler that streams these events, then does what ``then`` says: end, reset or hang.

    An item is an event's JSON value, or the raw bytes or text to send. between: seconds.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for item in items:
            if isinstance(item, str | bytes):
                await response.write(item.encode() if isinstance(item, str) else item)
            else:
                await response.write(f"data:{json.dumps(item)}\n\n".encode())
            if between:
                await asyncio.sleep(between)
        request.app[SERVER].streaming.set()
        return await _leave(request, response, then)

    return handle


def answer(status: int = 200, body: object = None, *, text: str | None = None, kind: str = "text/plain") -> Handler:
    """A handler that answers with this JSON body, or with a text of this content type."""

    async def handle(_: web.Request) -> web.StreamResponse:
        if text is not None:
            return web.Response(status=status, text=text, content_type=kind)
        return web.json_response(body, status=status)

    return handle


async def hang(request: web.Request) -> web.StreamResponse:
    """A handler that never answers."""
    request.app[SERVER].streaming.set()
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")


async def reset(request: web.Request) -> web.StreamResponse:
    """A handler that breaks the connection off before it answers."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _leave(request: web.Request, response: web.StreamResponse, how: str) -> web.StreamResponse:
    if how == "end":
        await response.write_eof()
    elif how == "reset":
        assert request.transport is not None
        request.transport.abort()
    elif how == "hang":
        await asyncio.Event().wait()
    else:
        raise AssertionError(f"unknown ending {how!r}")
    return response


def request_for(prompt: str = "Once upon a time", *, max_new_tokens: int = 20, **options: Any) -> EngineRequest:
    """A request with everything at its default but what is named."""
    defaults: dict[str, Any] = {"sampling": SamplingParameters.model_validate({}), "do_sample": True, "seed": 7}
    return EngineRequest(prompt=prompt, max_new_tokens=max_new_tokens, **{**defaults, **options})


async def failing(stream: AsyncGenerator[TextChunk | Finished, None]) -> tuple[list[TextChunk | Finished], EngineError]:
    """What came of a reply that fails, and the error."""
    seen = []
    try:
        async for item in stream:
            seen.append(item)
    except EngineError as error:
        return seen, error
    raise AssertionError(f"no error after {seen}")


async def collect(stream: AsyncGenerator[TextChunk | Finished, None]) -> tuple[list[TextChunk], Finished]:
    """All chunks of a reply, and its one ending, which must come last."""
    items = [item async for item in stream]
    chunks = [item for item in items[:-1] if isinstance(item, TextChunk)]
    assert len(chunks) == len(items) - 1
    finished = items[-1]
    assert isinstance(finished, Finished)
    return chunks, finished
