"""From the start of a worker's process to its first message, which waits for it already."""

import asyncio
from datetime import datetime
from statistics import median

from tests.bench import beside
from tests.bench.client import Client
from tests.bench.figures import Figure
from tests.bench.machine import LATE, Machine

STARTS = 3
WITHIN_S = 60.0


async def start(machine: Machine) -> list[Figure]:
    """The process's start by the clock, and the work_begin_at of the message that waited."""
    client = Client(machine.url, machine.tokens(1)[0])
    took = []
    with beside.engine(LATE, environ=machine.environ, folder=machine.folder) as engine:
        for _ in range(STARTS):
            chat = await client.chat()
            message = await client.ask(chat, await client.prompt(chat), LATE, 5)
            with beside.worker(LATE, engine, environ=machine.environ, folder=machine.folder) as began:
                took.append(await _begun(client, chat, message) - began)
    return [Figure(f"worker start to first message, median of {STARTS}", median(took), "s", "3")]


async def _begun(client: Client, chat: str, message: str) -> float:
    """When the message's work began. Its events are read to the end meanwhile: asking again and again would take from
    the worker's processors.
    """
    async with asyncio.timeout(WITHIN_S):
        await client.arrivals(chat, message)
    return datetime.fromisoformat(
        (await client.get(f"/api/chats/{chat}/messages/{message}"))["work_begin_at"]
    ).timestamp()
