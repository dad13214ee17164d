"""What is measured. Each measure takes the running stack and gives its figures; all run through public interfaces."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any
from urllib.parse import urlsplit

from tests.bench import beside
from tests.bench.client import Client, Reply
from tests.bench.cost import cost
from tests.bench.figures import Figure, percentile
from tests.bench.growth import growth
from tests.bench.machine import MODEL, WEB, Machine, cpu_s, memory_bytes
from tests.bench.paced import paced
from tests.bench.start import start

READERS = 64
FIRST_OF = 100
"""Tokens of a reply whose first one is waited for: it shall still run when its events are asked for."""
REPLY_TOKENS = 20


async def engine_alone(machine: Machine, readers: int, tokens: int) -> float:
    """Tokens per second read from the engine directly: the control of every throughput."""
    parts = urlsplit(machine.engine)

    async def read() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = json.dumps(
            {"inputs": "<|prompter|>Go on.<|endoftext|><|assistant|>", "parameters": {"max_new_tokens": tokens}}
        )
        writer.write(
            f"POST /generate_stream HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        body_read = bytearray()
        while chunk := await reader.read(1 << 18):
            body_read += chunk
        writer.close()
        bodies.append(body_read)

    bodies: list[bytearray] = []
    began = time.monotonic()
    await asyncio.gather(*(read() for _ in range(readers)))
    took = time.monotonic() - began
    counted = [body.count(b"data:") for body in bodies]
    if set(counted) != {tokens}:
        raise RuntimeError(f"the engine sent {min(counted)} to {max(counted)} tokens and not {tokens}")
    return readers * tokens / took


async def throughput_sse(machine: Machine) -> list[Figure]:
    """64 SSE readers x 2,000 tokens; their CPU and memory."""
    tokens = 2000
    clients = [Client(machine.url, token) for token in machine.tokens(READERS)]
    chats = [await client.chat() for client in clients]
    prompts = [await client.prompt(chat) for client, chat in zip(clients, chats, strict=True)]
    alone = await engine_alone(machine, READERS, tokens)
    before = cpu_s(machine.serving())
    peak = 0

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, memory_bytes(machine.serving()))
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    began = time.monotonic()
    asked = zip(clients, chats, prompts, strict=True)
    await asyncio.gather(*(client.reply_by_sse(chat, prompt, MODEL, tokens) for client, chat, prompt in asked))
    took = time.monotonic() - began
    watching.cancel()
    cost = (cpu_s(machine.serving()) - before) / (READERS * tokens) * 1e6
    control = f"engine alone {alone:,.0f} tokens/s"
    return [
        Figure("64 SSE readers x 2,000 tokens", READERS * tokens / took, "tokens/s", "40,000", control, "950 / 13,000"),
        Figure("CPU of web and worker per token", cost, "us", "20", "", "1,000 / 610 / 80"),
        Figure("memory of web and worker at 64 streams, peak PSS", peak / 2**20, "MB", "250", "", "186 / 1,200"),
    ]


async def throughput_websocket(machine: Machine) -> list[Figure]:
    """The same over 64 websockets."""
    tokens = 2000
    clients = [Client(machine.url, token) for token in machine.tokens(READERS)]
    sockets = [await client.socket(await client.chat()) for client in clients]
    began = time.monotonic()
    await asyncio.gather(*(socket.reply(MODEL, tokens) for socket in sockets))
    took = time.monotonic() - began
    for socket in sockets:
        socket.close()
    return [Figure("64 websockets x 2,000 tokens", READERS * tokens / took, "tokens/s", "40,000", "", "2,000")]


async def four_requests(machine: Machine) -> list[Figure]:
    """64 x 300 tokens by Open-Assistant's four requests each, all at the same instant."""
    tokens = 300
    clients = [Client(machine.url, token) for token in machine.tokens(READERS)]
    alone = await engine_alone(machine, READERS, tokens)
    began = time.monotonic()
    await asyncio.gather(*(client.reply_in_four_requests(MODEL, tokens) for client in clients))
    rate = READERS * tokens / (time.monotonic() - began)
    control = f"engine alone {alone:,.0f} tokens/s"
    return [Figure("64 x 300 tokens, four requests each", rate, "tokens/s", "15,000", control, "955")]


async def first_token(machine: Machine) -> list[Figure]:
    """From POST assistant_message to the first token: one person, then 64 at the same instant."""
    clients = [Client(machine.url, token) for token in machine.tokens(READERS)]
    with beside.bare(environ=machine.environ, folder=machine.folder) as address:
        view = await _median_ms(Client(address, "").get, "/")
    replies: list[Reply] = []
    for _ in range(100):
        chat = await clients[0].chat()
        replies.append(await clients[0].reply_by_sse(chat, await clients[0].prompt(chat), MODEL, FIRST_OF))
    alone = [reply.first_token_s for reply in replies]
    too_late = sum(reply.ended_first for reply in replies)
    chats = [await client.chat() for client in clients]
    prompts = [await client.prompt(chat) for client, chat in zip(clients, chats, strict=True)]
    at_once = await asyncio.gather(
        *(
            c.reply_by_sse(chat, prompt, MODEL, FIRST_OF)
            for c, chat, prompt in zip(clients, chats, prompts, strict=True)
        )
    )
    crowd = [reply.first_token_s for reply in at_once]
    control = f"bare Django view {view:.1f} ms"
    if too_late:
        control += f"; {too_late} of 100 had ended before their events were asked for"
    return [
        Figure("first token, one person, p50", percentile(alone, 0.5) * 1e3, "ms", "12", control, "40 / 15 / 24"),
        Figure("first token, one person, p95", percentile(alone, 0.95) * 1e3, "ms", "25", control, "48 / 18 / 29"),
        Figure("first token, 64 at once, p95", percentile(crowd, 0.95), "s", "0.6", control, "17.7 / 9.4 / 1.4"),
    ]


async def replies_per_second(machine: Machine) -> list[Figure]:
    """Replies of 20 tokens started and finished by 64 people: by REST and SSE, and by websocket."""
    clients = [Client(machine.url, token) for token in machine.tokens(READERS)]

    async def by_rest(client: Client) -> None:
        await client.reply_in_four_requests(MODEL, REPLY_TOKENS)

    rest = await _rate(by_rest, clients, rounds=3)
    sockets = {client: await client.socket(await client.chat()) for client in clients}

    async def by_socket(client: Client) -> None:
        await sockets[client].reply(MODEL, REPLY_TOKENS)

    websocket = await _rate(by_socket, clients, rounds=5)
    with beside.bare(environ=machine.environ, folder=machine.folder) as address:
        bare = Client(address, "")
        post = await _median_ms(lambda path: bare.post(path, {"text": "Go on."}), "/rows")
    control = f"bare DRF POST {post:.1f} ms"
    return [
        Figure("20-token replies, 64 people, REST and SSE", rest, "per second", "90", control),
        Figure("20-token replies, 64 people, websocket", websocket, "per second", "150", control),
    ]


async def idle_websockets(machine: Machine) -> list[Figure]:
    """What a websocket costs that does nothing."""
    count = 500
    client = Client(machine.url, machine.tokens(1)[0])
    chat = await client.chat()
    web = machine.processes(WEB)
    sockets = [await client.socket(chat) for _ in range(50)]  # what the first ones make is not theirs alone
    before = memory_bytes(web)
    sockets += [await client.socket(chat) for _ in range(count)]
    each = (memory_bytes(web) - before) / count
    for socket in sockets:
        socket.close()
    return [Figure("memory per idle websocket, PSS", each / 1024, "KB", "40")]


async def _rate(ask: Callable[[Client], Awaitable[None]], clients: Iterable[Client], *, rounds: int) -> float:
    clients = list(clients)

    async def person(client: Client) -> None:
        for _ in range(rounds):
            await ask(client)

    began = time.monotonic()
    await asyncio.gather(*(person(client) for client in clients))
    return len(clients) * rounds / (time.monotonic() - began)


async def _median_ms(request: Callable[[str], Awaitable[object]], path: str) -> float:
    took = []
    for _ in range(50):
        began = time.monotonic()
        await request(path)
        took.append((time.monotonic() - began) * 1e3)
    return percentile(took, 0.5)


MEASURES: dict[str, Callable[[Machine], Coroutine[Any, Any, list[Figure]]]] = {
    "sse": throughput_sse,
    "websocket": throughput_websocket,
    "four-requests": four_requests,
    "first-token": first_token,
    "replies": replies_per_second,
    "idle": idle_websockets,
    "start": start,
    "cost": cost,
    "paced": paced,
    "growth": growth,
}
