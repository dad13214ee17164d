"""1,000 readers of a reply each, at the pace of people who read along: does every token come when it should?

The engine sends token N of a reply N / PER_SECOND seconds after its first one. When that was, the reader knows by the
token that came to it most quickly: all others are late against that one. The control is the same reckoning for readers
that sit at the engine itself.
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import accumulate
from urllib.parse import urlsplit

from tests.bench import beside
from tests.bench.client import CHUNK, Client
from tests.bench.figures import Figure, percentile
from tests.bench.machine import PACED, Machine

READERS = 1000
PEOPLE = 50
PER_SECOND = 20
REPLY_TOKENS = 1000
CONTROL_TOKENS = 200
AT_ONCE = 32
"""Requests on their way while the readers arrive: how fast they can is another measure."""

WORD = re.compile(r" ?[^ \n]+\n*")
"""A token of the engine's filler text."""

Arrivals = list[tuple[float, int]]


async def paced(machine: Machine) -> list[Figure]:
    """One engine, more worker processes with 1,024 seats each, one reader for each reply."""
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
    with ExitStack() as stack:
        engine = stack.enter_context(beside.engine(PACED, environ=environ, folder=folder, tokens_per_second=PER_SECOND))
        for _ in range(machine.workers):
            stack.enter_context(beside.worker(PACED, engine, environ=environ, folder=folder))
        alone = await _engine_alone(engine)
        read_by = await asyncio.gather(*(read(c, *of) for c, of in zip(clients, asked, strict=True)))
    tokens = [_tokens(seen, text) for seen, text in read_by]
    began = max(times[0] for times in tokens)
    ended = min(times[-1] for times in tokens)
    if ended <= began:
        raise RuntimeError(f"the first reply ended {began - ended:.0f} s before the last one began: make them longer")
    inside = [at for times in tokens for at in times if began <= at < ended]
    delays = [delay for times in tokens for at, delay in zip(times, _delays(times), strict=True) if began <= at < ended]
    share = len(inside) / (READERS * PER_SECOND * (ended - began)) * 100
    control = f"at the engine itself {alone * 1e3:.0f} ms"
    name = f"{READERS:,} readers at {PER_SECOND} tokens/s, {ended - began:.0f} s, worker processes: {machine.workers}"
    return [
        Figure(f"{name}: share of the ideal rate", share, "%", "98"),
        Figure(f"{name}: delay of a token, p95", percentile(delays, 0.95) * 1e3, "ms", "250", control),
    ]


def _delays(times: Sequence[float]) -> list[float]:
    """How much later each token came than the quickest one says that it was sent (seconds)."""
    sent = [at - number / PER_SECOND for number, at in enumerate(times)]
    first = min(sent)
    return [at - first for at in sent]


async def _engine_alone(url: str) -> float:
    """The 95th percentile of the delay (seconds) for as many readers at the engine itself."""
    parts = urlsplit(url)
    inputs = "<|prompter|>Go on.<|endoftext|><|assistant|>"
    body = json.dumps({"inputs": inputs, "parameters": {"max_new_tokens": CONTROL_TOKENS}})
    head = f"POST /generate_stream HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"

    async def read() -> list[float]:
        async with doors:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())
        times: list[float] = []
        while chunk := await reader.read(CHUNK):
            times += [time.monotonic()] * chunk.count(b"data:")
        writer.close()
        if len(times) != CONTROL_TOKENS:
            raise RuntimeError(f"the engine sent {len(times)} tokens and not {CONTROL_TOKENS}")
        return times

    doors = asyncio.Semaphore(AT_ONCE)
    read_by = await asyncio.gather(*(read() for _ in range(READERS)))
    return percentile([delay for times in read_by for delay in _delays(times)], 0.95)


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
