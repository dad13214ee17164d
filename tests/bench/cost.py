"""CPU of each request, one after the other: the steadiest figures of all, since nothing waits for anything."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import psutil  # type: ignore[import-untyped]

from tests.bench import beside
from tests.bench.client import Client
from tests.bench.figures import Figure
from tests.bench.machine import FEW, MODEL, WEB, WORKER, Machine, cpu_s

TIMES = 200
TOKENS = 20
IDLE_S = 3.0

Spent = dict[str, float]
"""Seconds of CPU, by who spent them."""


async def cost(machine: Machine) -> list[Figure]:
    """Milliseconds of CPU of web, worker and Postgres for each of the four requests, and for a reply by websocket.

    What the processes do anyway, measured before, is taken off. `GET events` is a whole reply less its POST, so it
    holds all that the worker does.
    """
    client = Client(machine.url, machine.tokens(1)[0])
    roles = {
        "web": machine.processes(WEB),
        "worker": machine.processes(WORKER),
        "Postgres": machine.processes("postgres"),
    }
    idle = await _idle(roles)

    async def measured(step: Callable[[int], Awaitable[object]]) -> Spent:
        return await _spent(roles, idle, step)

    await client.reply_in_four_requests(MODEL, TOKENS)  # what is done once
    chats: list[str] = []
    prompts: list[str] = []

    async def chat(at: int) -> None:
        chats.append(await client.chat())

    async def prompt(at: int) -> None:
        prompts.append(await client.prompt(chats[at]))

    by_request = {"POST chats": await measured(chat), "POST prompter_message": await measured(prompt)}
    by_request["POST assistant_message"] = asking = await measured(
        lambda at: client.ask(chats[at], prompts[at], FEW, TOKENS)
    )
    for path in chats:  # the queue of a model without a worker
        await client.delete(f"/api/chats/{path}")
    chats.clear()
    prompts.clear()
    for at in range(TIMES):
        await chat(at)
        await prompt(at)
    whole = await measured(lambda at: client.reply_by_sse(chats[at], prompts[at], MODEL, TOKENS))
    by_request[f"GET events and {TOKENS} tokens"] = {role: whole[role] - asking[role] for role in roles}
    sockets = [await client.socket(await client.chat()) for _ in range(TIMES)]
    by_request[f"a reply of {TOKENS} tokens by websocket"] = await measured(lambda at: sockets[at].reply(MODEL, TOKENS))
    for socket in sockets:
        socket.close()
    with beside.bare(environ=machine.environ, folder=machine.folder) as address:
        bare = Client(address, "")
        server = {"web": [p for p in psutil.Process().children() if "tests.bench.bare:application" in p.cmdline()]}
        none = {"web": 0.0}
        await bare.get("/")
        view = await _spent(server, none, lambda at: bare.get("/"))
        post = await _spent(server, none, lambda at: bare.post("/rows", {"text": "Go on."}))
    control = f"bare Django view {view['web'] * 1e3:.1f}, bare DRF POST {post['web'] * 1e3:.1f} ms (web alone)"
    return [
        Figure(f"CPU of {name}: {role}", spent * 1e3, "ms", "", control if role == "web" else "")
        for name, by_role in by_request.items()
        for role, spent in by_role.items()
    ]


async def _idle(roles: dict[str, list[psutil.Process]]) -> Spent:
    """Seconds of CPU a second that they spend on nothing."""
    before = {role: cpu_s(processes) for role, processes in roles.items()}
    await asyncio.sleep(IDLE_S)
    return {role: (cpu_s(processes) - before[role]) / IDLE_S for role, processes in roles.items()}


async def _spent(
    roles: dict[str, list[psutil.Process]], idle: Spent, step: Callable[[int], Awaitable[object]]
) -> Spent:
    """CPU of one step, out of TIMES."""
    before = {role: cpu_s(processes) for role, processes in roles.items()}
    began = time.monotonic()
    for at in range(TIMES):
        await step(at)
    took = time.monotonic() - began
    return {
        role: (cpu_s(processes) - before[role] - idle[role] * took) / TIMES for role, processes in roles.items()
    }  # fmt: skip
