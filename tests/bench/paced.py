"""1,000 readers of a reply each, at the pace of people who read along: does every token come when it should?"""

import asyncio
import re
from itertools import accumulate

from tests.bench import beside
from tests.bench.client import Client
from tests.bench.figures import Figure, percentile
from tests.bench.machine import PACED, Machine

READERS = 1000
PEOPLE = 50
PER_SECOND = 20
REPLY_TOKENS = 1000
AT_ONCE = 32
"""Requests on their way while the readers arrive: how fast they can is another measure."""

WORD = re.compile(r" ?[^ \n]+\n*")
"""A token of the engine's filler text."""

Arrivals = list[tuple[float, int]]


async def paced(machine: Machine) -> list[Figure]:
    """One engine, one more worker process with 1,024 seats, one reader for each reply."""
    people = [Client(machine.url, token) for token in machine.tokens(PEOPLE)]
    clients = [people[at % PEOPLE] for at in range(READERS)]
    doors = asyncio.Semaphore(AT_ONCE)

    async def prepare(client: Client) -> tuple[str, str]:
        async with doors:
            chat = await client.chat()
            return chat, await client.prompt(chat)

    async def read(client: Client, chat: str, prompt: str) -> tuple[Arrivals, str]:
        async with doors:
            message = await client.ask(chat, prompt, PACED, REPLY_TOKENS)
        return await client.arrivals(chat, message)

    asked = await asyncio.gather(*(prepare(client) for client in clients))
    environ, folder = machine.environ, machine.folder
    with (
        beside.engine(PACED, environ=environ, folder=folder, tokens_per_second=PER_SECOND) as engine,
        beside.worker(PACED, engine, environ=environ, folder=folder),
    ):
        read_by = await asyncio.gather(*(read(c, *of) for c, of in zip(clients, asked, strict=True)))
    tokens = [_tokens(seen, text) for seen, text in read_by]
    began = max(times[0] for times in tokens)
    ended = min(times[-1] for times in tokens)
    if ended <= began:
        raise RuntimeError(f"the first reply ended {began - ended:.0f} s before the last one began: make them longer")
    inside = [at for times in tokens for at in times if began <= at < ended]
    delays = [
        max(0.0, at - times[0] - number / PER_SECOND)
        for times in tokens
        for number, at in enumerate(times)
        if began <= at < ended
    ]
    share = len(inside) / (READERS * PER_SECOND * (ended - began)) * 100
    name = f"{READERS:,} readers at {PER_SECOND} tokens/s, {ended - began:.0f} s, one worker process"
    return [
        Figure(f"{name}: share of the ideal rate", share, "%", "98"),
        Figure(f"{name}: delay of a token, p95", percentile(delays, 0.95) * 1e3, "ms", "250"),
    ]


def _tokens(seen: Arrivals, text: str) -> list[float]:
    """When each token of the text was there."""
    words = WORD.findall(text)
    if len(words) != REPLY_TOKENS or "".join(words) != text:
        raise RuntimeError(f"{len(words)} words where {REPLY_TOKENS} tokens were asked for: {text[:80]!r}")
    times, looked = [], iter(seen)
    now, there = next(looked)
    for end in accumulate(len(word.encode()) for word in words):
        while there < end:
            now, there = next(looked)
        times.append(now)
    return times
