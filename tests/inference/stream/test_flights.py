"""Many streams, one way to Redis: what flies together, what does not wait, what a failure does to whom."""

import asyncio
from collections import Counter

import pytest
from redis.exceptions import RedisError, ResponseError

from inference.stream.buffer import StreamBuffer
from inference.stream.flights import Flights
from inference.stream.script import OK


@pytest.fixture
async def asynchronous(stream_url):
    buffer = StreamBuffer.from_url(stream_url, timeout_s=1.0)
    yield buffer._client
    await buffer.aclose()


def commands(client):
    """How many commands the server has been sent so far, and in how many reads."""
    stats = client.info("stats")
    return stats["total_commands_processed"], stats["total_reads_processed"]


async def test_what_is_sent_during_a_flight_flies_together(asynchronous, client):
    flights = Flights(asynchronous)
    await flights.send(("PING",))
    before = commands(client)
    replies = await asyncio.gather(*(flights.send(("ECHO", str(at))) for at in range(100)))
    processed, reads = (after - was for after, was in zip(commands(client), before, strict=True))
    assert replies == [str(at).encode() for at in range(100)]
    assert processed >= 100
    assert reads <= 6  # the hundred, and those that ask for these figures


def calls(client):
    """How often each command was run, by a client or by a script, the asking itself left out."""
    stats = client.info("commandstats")
    return Counter({name.removeprefix("cmdstat_"): of["calls"] for name, of in stats.items() if name != "cmdstat_info"})


async def test_writes_of_many_streams_are_one_script_each_and_one_read_of_the_server(stream_url, client):
    """What a write makes the server do, all of it: the one call, and what its script does inside."""
    buffer = StreamBuffer.from_url(stream_url)
    streams = [f"message-{number}" for number in range(16)]

    async def write(offset):
        letter = "readers", b"a letter"
        return await asyncio.gather(
            *(buffer.write(each, 1, offset, b"text ", 1, None, letter) for each in streams)
        )  # fmt: skip

    for each in streams:
        await buffer.open(each, 1, False)
    assert set(await write(0)) == {OK}
    read_by_asking = -commands(client)[1] + commands(client)[1]
    called, (_, read) = calls(client), commands(client)
    assert set(await write(5)) == {OK}
    reads = commands(client)[1] - read - read_by_asking
    a_write = {"evalsha": 1, "hget": 1, "strlen": 1, "append": 1, "hset": 1, "expire": 2, "publish": 1}
    assert calls(client) - called == {command: times * len(streams) for command, times in a_write.items()}
    assert reads == 1
    await buffer.aclose()


async def test_a_refused_command_fails_its_caller_alone(asynchronous):
    flights = Flights(asynchronous)
    good, bad, fine = await asyncio.gather(
        flights.send(("ECHO", "good")),
        flights.send(("NO-SUCH-COMMAND",)),
        flights.send(("ECHO", "fine")),
        return_exceptions=True,
    )
    assert (good, type(bad), fine) == (b"good", ResponseError, b"fine")


async def test_a_command_that_cannot_be_sent_says_why_and_the_next_flies_again(asynchronous):
    flights = Flights(asynchronous)
    with pytest.raises(UnicodeEncodeError):
        await flights.send(("ECHO", "half a pair: \ud83d"))
    assert await flights.send(("ECHO", "whole")) == b"whole"


async def test_a_server_that_hangs_fails_all_of_a_flight_and_the_next_flies_again(asynchronous, client):
    flights = Flights(asynchronous)
    await flights.send(("PING",))
    client.client_pause(3000, all=True)
    lost = await asyncio.gather(*(flights.send(("ECHO", str(at))) for at in range(3)), return_exceptions=True)
    assert all(isinstance(error, RedisError) for error in lost)
    client.client_unpause()
    assert await flights.send(("ECHO", "back")) == b"back"


async def test_a_caller_that_leaves_keeps_nobody_waiting(asynchronous):
    flights = Flights(asynchronous)
    leaving = asyncio.create_task(flights.send(("ECHO", "left")))
    staying = asyncio.create_task(flights.send(("ECHO", "stayed")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await asyncio.wait_for(staying, 60) == b"stayed"
    assert leaving.cancelled()
