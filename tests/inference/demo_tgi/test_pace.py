"""How fast replies are typed."""

import asyncio
from time import perf_counter

from tests.tries import once_more

from .conftest import Server, Start


async def _times(server: Server, number: int, tokens: int) -> list[float]:
    """When each event of a reply arrived, in seconds."""
    times = []
    body = {"inputs": f"reply {number}", "parameters": {"max_new_tokens": tokens}}
    async with server.session.post(f"{server.url}/generate_stream", json=body) as response:
        async for line in response.content:
            if line.startswith(b"data:"):
                times.append(perf_counter())
    assert len(times) == tokens
    return times


async def test_a_reply_is_typed_at_the_given_speed(start: Start):
    server = await start(tokens_per_second=100)
    took: list[float] = []
    while once_more(took, below=1):
        times = await _times(server, 0, 51)
        took.append(times[-1] - times[0])
    assert 0.4 <= min(took) < 1, took


async def test_many_replies_at_once_take_as_long_as_one(start: Start):
    server = await start(tokens_per_second=20)
    took: list[float] = []
    while once_more(took, below=3):
        began = perf_counter()
        await asyncio.gather(*(_times(server, number, 21) for number in range(100)))
        took.append(perf_counter() - began)
    # The last tokens are due a second after the first ones; one after another they would take 100 seconds.
    assert 1.0 <= min(took) < 3, took


async def test_one_reply_can_have_a_speed_of_its_own(start: Start):
    server = await start(tokens_per_second=1)
    await server.arm({"kind": "pace", "tokens_per_second": 0})
    async with asyncio.timeout(60):
        await _times(server, 0, 200)


async def test_a_reply_as_fast_as_it_can_gives_way_to_others(server: Server):
    long = asyncio.create_task(_times(server, 0, 100_000))
    await asyncio.sleep(0)
    await _times(server, 1, 5)
    assert not long.done()
    long.cancel()
    await asyncio.gather(long, return_exceptions=True)
