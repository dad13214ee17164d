"""The reader on a real server: what one client gets, and what the reader outlives."""

import asyncio

import pytest

from inference.stream.buffer import SNAPSHOT_BYTES, StreamBuffer
from inference.stream.reader import Reader
from inference.stream.reader_state import FinalMessage
from inference.stream.writer import Writer
from tests.inference.stream.listener import address, listener

M = "a-message"


class Desk:
    """One reply: its writer's way to its readers, and its row."""

    def __init__(self, buffer):
        self.buffer = buffer
        self.readers = []
        self.row = None
        self.looks = 0

    def reader(self, cursor=None, **options):
        options = {"snapshot": self.buffer.snapshot, "load_final": self.load_final, "retry_s": 0.01} | options
        reader = Reader(M, cursor, **options)
        self.readers.append(reader)
        return reader

    async def load_final(self, message_id):
        self.looks += 1
        return self.row

    async def writer(self, attempt=1, continue_=True):
        writer = Writer(self.buffer, M, attempt, address=address, still_mine=self.still_mine)
        await writer.open(continue_)
        return writer

    def publish(self, event):
        for reader in self.readers:
            reader.feed(event)

    async def still_mine(self):
        return True

    def finish(self, content, epoch=1):
        self.row = FinalMessage(content, {"event_type": "message", "message_id": M, "message": {}}, epoch)
        for reader in self.readers:
            reader.feed({"event_type": "message"})


@pytest.fixture
async def desk(stream_url):
    buffer = StreamBuffer.from_url(stream_url, timeout_s=1.0)
    desk = Desk(buffer)
    async with listener(stream_url, buffer, desk.publish) as desk.listener:
        yield desk
    await buffer.aclose()


async def collect(reader):
    async with asyncio.timeout(60):
        return [event async for event in reader]


def text_of(events):
    assert events[-1]["event_type"] == "message"
    assert all(event["event_type"] == "token" for event in events[:-1])
    return "".join(event["text"] for event in events[:-1])


async def test_every_reader_gets_every_byte_once_whenever_it_comes(desk):
    reading = [asyncio.create_task(collect(desk.reader()))]
    writer = await desk.writer()
    for number in range(300):
        writer.push(f"{number} é🙂 ", 1)
        if number % 30 == 0:
            reading.append(asyncio.create_task(collect(desk.reader())))
        await asyncio.sleep(0)
    await writer.finish("length")
    desk.finish(writer.text)
    reading.append(asyncio.create_task(collect(desk.reader())))
    for events in await asyncio.gather(*reading):
        assert text_of(events) == writer.text


async def test_a_reader_that_connects_again_and_again_misses_nothing(desk):
    writer = await desk.writer()
    seen, cursor = "", None
    for number in range(100):
        writer.push(f"{number} ", 1)
        reader = desk.reader(cursor)
        event = await reader.next(5)
        desk.readers.remove(reader)
        seen, cursor = seen + event["text"], reader.cursor
    await writer.finish("length")
    desk.finish(writer.text)
    rest = await collect(desk.reader(cursor))
    assert seen + text_of(rest) == writer.text


async def test_a_reader_may_be_cancelled_at_any_time_and_loses_nothing(desk):
    reader = desk.reader()
    writer = await desk.writer()
    out = []

    async def produce():
        for number in range(200):
            writer.push(f"{number} ", 1)
            await asyncio.sleep(0.001)
        await writer.finish("length")
        desk.finish(writer.text)

    producing = asyncio.create_task(produce())
    patience, longest = 0, 40
    while not reader.ended:
        if (patience := patience + 1) > longest:
            patience, longest = 1, longest + 1  # on the slowest machine, too, there comes one that is long enough
        event = await reader.next(patience / 10_000)
        if event is not None:
            out.append(event)
        if producing.done():
            producing.result()  # no end comes from one that failed
    await producing
    assert text_of(out) == writer.text


async def test_a_look_that_was_cancelled_is_made_again(desk):
    gate = asyncio.Event()

    async def snapshot(message_id, position):
        await gate.wait()
        return await desk.buffer.snapshot(message_id, position)

    writer = await desk.writer()
    writer.push("text", 1)
    await writer.flush()
    reader = desk.reader(snapshot=snapshot)
    assert await reader.next(0.01) is None
    gate.set()
    assert (await reader.next(5))["text"] == "text"


async def test_next_tells_nothing_when_there_is_nothing_and_at_the_end(desk):
    reader = desk.reader()
    assert await reader.next(0.05) is None
    desk.finish("")
    assert (await reader.next(5))["event_type"] == "message"
    assert await reader.next(5) is None
    assert reader.ended


async def test_a_reader_of_a_reply_that_fails_gets_its_error_as_the_end(desk):
    desk.row = FinalMessage("half", {"event_type": "error", "message_id": M, "error": "engine", "message": {}}, 1)
    events = await collect(desk.reader())
    assert [event["event_type"] for event in events] == ["token", "error"]
    assert events[-1]["cursor"] == "1.4"


async def test_a_reader_finds_the_end_by_the_row_while_redis_is_away(desk):
    away = StreamBuffer.from_url("redis://127.0.0.1:1")
    desk.finish("text")
    assert text_of(await collect(desk.reader(snapshot=away.snapshot))) == "text"
    await away.aclose()


async def test_a_reader_goes_on_when_redis_is_back(desk, client):
    reader = desk.reader()
    reading = asyncio.create_task(collect(reader))
    writer = await desk.writer()
    writer.push("before", 1)
    await writer.flush()
    client.client_pause(2500, all=True)
    reader.look_again()
    writer.push(", after", 1)
    await writer.finish("length")
    desk.finish(writer.text)
    assert text_of(await reading) == "before, after"


async def test_a_reader_goes_on_when_the_row_can_be_read_again(desk):
    failures = iter(range(3))

    async def load_final(message_id):
        if next(failures, None) is not None:
            raise RuntimeError("no database")
        return desk.row

    desk.finish("text")
    assert text_of(await collect(desk.reader(load_final=load_final))) == "text"


async def test_a_flush_in_the_middle_is_not_seen_by_readers(desk, client):
    reading = asyncio.create_task(collect(desk.reader()))
    writer = await desk.writer()
    for number in range(100):
        writer.push(f"{number} ", 1)
        if number % 20 == 10:
            await writer.flush()
            client.flushall()
            desk.readers[0].look_again()
        await asyncio.sleep(0)
    await writer.finish("length")
    desk.finish(writer.text)
    assert text_of(await reading) == writer.text


async def test_an_engine_that_begins_again_restarts_the_reader(desk):
    reader = desk.reader()
    writer = await desk.writer()
    writer.push("one", 1)
    await writer.flush()
    assert (await reader.next(5))["text"] == "one"
    again = await desk.writer(2, continue_=False)
    again.push("uno", 1)
    await again.finish("length")
    desk.finish("uno", 2)
    events = await collect(reader)
    assert [event["event_type"] for event in events] == ["restart", "token", "message"]
    assert [event["cursor"] for event in events] == ["2.0", "2.3", "2.3"]


async def test_a_reader_that_comes_late_to_a_long_reply_gets_it_in_parts(desk):
    writer = await desk.writer()
    text = "🙂" * (300 * 1024)  # 1.2 MiB
    writer.push(text, 1)
    await writer.flush()
    reader = desk.reader()
    out: list = []
    while not out or out[-1]["end"] < len(text.encode()):
        out.append(await reader.next(5))
    assert max(event["end"] - event["offset"] for event in out) <= SNAPSHOT_BYTES
    assert len(out) == 5
    assert desk.looks == 1, "the row is looked at first, not at each part"
    desk.finish(text)
    assert text_of(out + await collect(reader)) == text


async def test_a_final_reply_that_is_long_comes_in_parts(desk):
    text = "é" * (300 * 1024)
    desk.finish(text)
    events = await collect(desk.reader())
    assert text_of(events) == text
    assert max(event["end"] - event["offset"] for event in events[:-1]) <= SNAPSHOT_BYTES


async def test_a_gap_costs_one_snapshot_and_no_look_at_the_row_however_slow_it_is(desk):
    gate, read, snapshots = asyncio.Event(), asyncio.Event(), []

    async def slow(message_id, position):
        part = await desk.buffer.snapshot(message_id, position)
        snapshots.append(position)
        read.set()
        await gate.wait()
        return part

    writer = await desk.writer()
    writer.push("one", 1)
    await writer.flush()
    gate.set()
    reader = desk.reader(snapshot=slow)
    assert (await reader.next(5))["text"] == "one"
    desk.readers.clear()
    writer.push(" two", 1)
    await writer.flush()
    desk.readers.append(reader)
    gate.clear()
    read.clear()
    writer.push(" three", 1)
    await writer.flush()
    healing = asyncio.create_task(reader.next(5))
    await read.wait()
    for text in (" four", " five"):
        writer.push(text, 1)
        await writer.flush()
    await desk.listener.all_heard()
    gate.set()
    assert (await healing)["text"] == " two three four five"
    assert await reader.next(0.01) is None
    assert snapshots == [0, 3]
    assert desk.looks == 1


async def test_waiting_costs_no_looks(desk):
    reader = desk.reader()
    await desk.writer()
    assert await reader.next(0.05) is None
    looks = desk.looks
    for _ in range(5):
        reader.wake(1, 0, False)
        assert await reader.next(0.01) is None
    assert desk.looks == looks


async def test_a_look_that_finds_nothing_new_wakes_no_reader(desk, monkeypatch):
    reader = desk.reader()
    await desk.writer()
    assert await reader.next(0.05) is None
    takes = []
    monkeypatch.setattr(reader._state, "take", lambda: takes.append("take"))
    waiting = asyncio.create_task(anext(reader))
    await asyncio.sleep(0)
    takes.clear()
    for _ in range(5):
        reader.wake(1, 0, False)
        await asyncio.sleep(0.01)
    assert takes == []
    waiting.cancel()
