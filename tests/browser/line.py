"""A line between the browser and the site that can be cut and mended, as networks are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

PIECE = 65536


class Line:
    """Forwards TCP connections to the site while it is whole. Its address stays the same."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """The site's address over this line."""
        return f"http://127.0.0.1:{self._port}"

    async def mend(self) -> None:
        """Take connections, on the same port as ever."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break all connections and refuse new ones until the line is mended."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        if self._server is not None:
            await self._server.wait_closed()
        self._server = None

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        self._writers |= ends
        try:
            there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
            ends.add(back)
            self._writers |= ends
            if not writer.is_closing():  # it may have been cut meanwhile
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def line_to(target: str) -> AsyncIterator[Line]:
    """A whole line; it is cut at the end."""
    line = Line(target)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()
