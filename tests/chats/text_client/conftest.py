"""The text client's surroundings: a server on a real port, a runner for scripts, a terminal for people."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.chats.text_client.terminal import ROOT, Terminal
from tests.chats.text_client.wire_server import WireServer, running_server


@dataclass(frozen=True)
class Finished:
    """A client process that has ended."""

    code: int
    out: str
    err: str


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    """A chat server that this test scripts."""
    async with running_server() as server:
        yield server


@pytest.fixture
async def run_client() -> Callable[..., Awaitable[Finished]]:
    """Runs `python -m chats.text_client` with pipes to its end."""

    async def run(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Finished:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-m", "chats.text_client", *arguments),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | (env or {}),
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(stdin), 90)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Finished(process.returncode, out.decode(), err.decode())

    return run


@pytest.fixture
async def open_terminal(server: WireServer) -> AsyncIterator[Callable[..., Awaitable[Terminal]]]:
    """Opens the client on a terminal, against the test's server, ready for its first prompt."""
    opened: list[Terminal] = []

    async def open_(*arguments: str, env: dict[str, str] | None = None) -> Terminal:
        terminal = await Terminal.open("--url", server.url, "--username", "ada", *arguments, env=env)
        opened.append(terminal)
        await terminal.until(lambda: terminal.lines[-1] == ">")
        return terminal

    yield open_
    for terminal in opened:
        await terminal.close()
