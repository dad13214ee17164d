"""Servers of the demo TGI: in the test's own event loop, on a free port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from inference.demo_tgi import Options, running
from inference.demo_tgi.events import KEEPALIVE

CORPUS = Path(__file__).with_name("corpus")


class Server:
    """A running server and a client of it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def post(self, path: str, body: Any, **headers: str) -> aiohttp.ClientResponse:
        """The answer to a JSON body, read whole."""
        response = await self.session.post(f"{self.url}{path}", json=body, headers=headers)
        await response.read()
        return response

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        """An answer, read whole."""
        response = await self.session.get(f"{self.url}{path}", headers=headers)
        await response.read()
        return response

    async def events(self, inputs: str, path: Any = "/generate_stream", **parameters: Any) -> list[dict]:
        """All events of a stream."""
        response = await self.post(path, {"inputs": inputs, "parameters": parameters, "stream": True})
        assert response.status == 200
        return parsed(await response.read())

    async def arm(self, *faults: dict[str, Any]) -> None:
        """Arms faults."""
        response = await self.post("/_faults", list(faults))
        assert response.status == 200, await response.text()

    async def disarm(self) -> None:
        """Disarms all faults."""
        async with self.session.delete(f"{self.url}/_faults") as response:
            assert response.status == 200

    async def requests(self, **query: str) -> dict[str, Any]:
        """What became of the requests."""
        async with self.session.get(f"{self.url}/_requests", params=query) as response:
            return await response.json()

    async def until(self, state: str, **query: str) -> dict[str, Any]:
        """What became of the requests, as soon as one is in this state and no other one is open."""
        async with asyncio.timeout(60):
            seen = await self.requests(**query)
            while not seen[state] or (seen["open"] and state != "open"):
                seen = await self.requests(**query)
            return seen


def parsed(body: bytes) -> list[dict]:
    """The events of a body of server-sent events, exactly as TGI writes them."""
    assert body.endswith(b"\n\n")
    lines = [part for part in body.split(b"\n\n") if part and part + b"\n\n" != KEEPALIVE]
    assert all(line.startswith(b"data:{") for line in lines), lines
    return [orjson.loads(line[len(b"data:") :]) for line in lines]


Start = Callable[..., Awaitable[Server]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers with the given options; by default filler as fast as it can."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def begin(**options: Any) -> Server:
            given = {"port": 0, "model": "_lorem", "tokens_per_second": 0, "docs": CORPUS, **options}
            return Server(await stack.enter_async_context(running(Options(**given))), session)

        yield begin


@pytest.fixture
async def server(start: Start) -> Server:
    """A server of filler, as fast as it can."""
    return await start()
