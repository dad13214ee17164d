"""The writer on a real server: what is stored and said, and what it outlives."""

import asyncio
from dataclasses import dataclass, field

import pytest
import redis

from inference.rhythm import Rhythm
from inference.stream.buffer import StreamBuffer
from inference.stream.script import Opened
from inference.stream.writer import Fenced, StreamRefused, Writer
from inference.stream.writer_state import FLIGHT_BYTES
from tests.inference.stream.listener import Listener, address, listener

M = "a-message"


@dataclass
class Around:
    """What lies around a writer: its readers and its row."""

    buffer: StreamBuffer
    events: list = field(default_factory=list)
    listener: Listener | None = None
    mine: bool = True
    just_claimed: bool = False
    asked: int = 0
    give_up_s: float = 5.0

    def writer(self, attempt=1):
        return Writer(
            self.buffer, M, attempt,
            address=address, still_mine=self.still_mine,
            just_claimed=lambda: self.just_claimed, give_up_s=self.give_up_s,
        )  # fmt: skip

    async def still_mine(self):
        self.asked += 1
        return self.mine

    async def heard(self):
        """All events so far."""
        await self.listener.all_heard()
        return self.events

    async def heard_so_many(self, count):
        """Wait for so many events."""
        async with asyncio.timeout(60):
            while len(self.events) < count:  # noqa: ASYNC110  # the listener only calls back
                await asyncio.sleep(0.001)

    async def said(self):
        """The text of all token events, which must follow one another."""
        await self.listener.all_heard()
        text = b""
        for event in self.events:
            assert event["event_type"] == "token"
            assert event["offset"] == len(text)
            text += event["text"].encode()
            assert event["end"] == len(text)
        return text.decode()


@pytest.fixture
def timeout_s():
    """How long a command to Valkey may take; short, since it is made to hang."""
    return 1.0


@pytest.fixture
async def around(stream_url, timeout_s):
    buffer = StreamBuffer.from_url(stream_url, timeout_s=timeout_s)
    around = Around(buffer)
    async with listener(stream_url, buffer, around.events.append) as around.listener:
        yield around
    await buffer.aclose()


async def stored(around):
    part = await around.buffer.snapshot(M, 0)
    return part.data.decode()


async def test_what_is_pushed_is_stored_said_and_finished(around):
    writer = around.writer()
    assert await writer.open(False) == Opened(1, "", 0, None)
    for piece in ("Hé", "llo", " ", "🙂"):
        writer.push(piece, 1)
        await asyncio.sleep(0)
    await writer.finish("eos_token")
    assert writer.text == await stored(around) == await around.said() == "Héllo 🙂"
    assert (await around.heard())[-1]["cursor"] == "1.11"
    assert await around.buffer.open(M, 1, True) == Opened(1, "Héllo 🙂", 4, "eos_token")


@pytest.mark.parametrize("timeout_s", [10])
async def test_what_is_pushed_during_a_flight_goes_out_together(around, client):
    writer = around.writer()
    await writer.open(False)
    client.client_pause(1500, all=True)
    writer.push("first ", 1)
    for _ in range(1000):
        await asyncio.sleep(0)
        writer.push("x", 1)
    await writer.finish("length")
    assert [event["text"] for event in await around.heard()] == ["first ", "x" * 1000]


async def test_between_two_writes_of_many_streams_lies_a_pause_that_neither_the_first_nor_the_last_waits_for(around):
    around.buffer.rhythm = Rhythm(pause_per_stream_s=60, longest_pause_s=60)
    writer = around.writer()
    await writer.open(False)
    writer.push("first", 1)
    await around.heard_so_many(1)
    for _ in range(10):
        writer.push(" more", 1)
        await asyncio.sleep(0)
    assert await stored(around) == "first"
    await asyncio.wait_for(writer.finish("length"), 30)
    assert [event["text"] for event in await around.heard()] == ["first", " more" * 10]
    await writer.aclose()
    assert around.buffer.rhythm.pause_s == 0


async def test_what_is_pushed_before_a_turn_goes_out_with_it(around):
    around.buffer.rhythm = Rhythm(pause_per_stream_s=0.1, longest_pause_s=0.1)
    writer = around.writer()
    await writer.open(False)
    writer.push("first", 1)
    await around.heard_so_many(1)
    writer.push(" more", 1)
    writer.push(" and more", 1)
    await around.heard_so_many(2)
    assert [event["text"] for event in around.events] == ["first", " more and more"]
    await writer.aclose()


async def test_a_writer_that_is_closed_before_its_turn_writes_no_more(around):
    around.buffer.rhythm = Rhythm(pause_per_stream_s=0.05, longest_pause_s=0.05)
    writer = around.writer()
    await writer.open(False)
    writer.push("first", 1)
    await around.heard_so_many(1)
    writer.push(" unsaid", 1)
    await writer.aclose()
    other = around.writer(2)
    await other.open(True)
    other.push(" second", 1)
    await other.finish("length")
    assert await stored(around) == "first second"


async def test_a_long_text_goes_out_in_flights_of_whole_characters(around):
    writer = around.writer()
    await writer.open(False)
    writer.push("a" + "🙂" * FLIGHT_BYTES, 1)
    await writer.finish("length")
    assert await around.said() == writer.text == "a" + "🙂" * FLIGHT_BYTES
    assert len(await around.heard()) == 5
    assert max(event["end"] - event["offset"] for event in around.events) <= FLIGHT_BYTES


async def test_an_empty_reply_is_finished_and_nothing_is_said(around):
    writer = around.writer()
    await writer.open(False)
    await writer.finish("eos_token")
    assert await around.heard() == []
    assert await around.buffer.open(M, 1, True) == Opened(1, "", 0, "eos_token")


async def test_flush_stores_what_was_pushed_and_leaves_the_reply_unfinished(around):
    writer = around.writer()
    await writer.open(False)
    writer.push("half a", 2)
    await writer.flush()
    assert await around.buffer.open(M, 2, True) == Opened(1, "half a", 2, None)


async def test_the_next_attempt_goes_on_and_says_only_what_is_new(around):
    first = around.writer()
    await first.open(True)
    first.push("one ", 1)
    await first.flush()
    (await around.heard()).clear()
    second = around.writer(2)
    assert await second.open(True) == Opened(1, "one ", 1, None)
    second.push("two", 1)
    await second.finish("length")
    assert second.text == await stored(around) == "one two"
    assert second.tokens == 2
    assert [(event["offset"], event["text"], event["cursor"]) for event in await around.heard()] == [(4, "two", "1.7")]


async def test_an_attempt_that_begins_again_says_restart_first(around):
    first = around.writer()
    await first.open(False)
    first.push("one", 1)
    await first.flush()
    (await around.heard()).clear()
    second = around.writer(2)
    assert (await second.open(False)).epoch == second.epoch == 2
    second.push("uno", 1)
    await second.finish("length")
    heard = [(event["event_type"], event["cursor"]) for event in await around.heard()]
    assert heard == [("restart", "2.0"), ("token", "2.3")]


async def test_after_a_flush_the_text_is_put_back_in_the_same_epoch(around, client):
    writer = around.writer()
    await writer.open(False)
    writer.push("before, ", 1)
    await writer.flush()
    client.flushall()
    client.script_flush()
    writer.push("after", 1)
    await writer.finish("length")
    assert await around.said() == "before, after"
    assert await around.buffer.open(M, 1, True) == Opened(1, "before, after", 2, "length")


async def test_a_flush_between_the_text_and_its_end_is_healed_too(around, client):
    writer = around.writer()
    await writer.open(False)
    writer.push("text", 1)
    await writer.flush()
    client.flushall()
    await writer.finish("length")
    assert await around.buffer.open(M, 1, True) == Opened(1, "text", 1, "length")


async def test_after_a_flush_nothing_is_put_back_for_a_row_that_is_no_longer_mine(around, client):
    writer = around.writer()
    await writer.open(False)
    writer.push("text", 1)
    await writer.flush()
    client.flushall()
    around.mine = False
    writer.push(" more", 1)
    with pytest.raises(Fenced):
        await writer.finish("length")
    assert client.keys() == []


async def test_a_writer_whose_stream_was_taken_stops_and_says_so(around):
    writer = around.writer()
    await writer.open(False)
    writer.push("mine", 1)
    await writer.flush()
    await around.buffer.open(M, 2, True)
    writer.push(", not theirs", 1)
    await asyncio.wait_for(writer.stopped.wait(), 60)
    assert writer.fenced.is_set()
    assert isinstance(writer.failure, Fenced)
    with pytest.raises(Fenced, match="a-message: attempt 1"):
        writer.push("!", 1)
    with pytest.raises(Fenced):
        await writer.finish("length")
    assert await around.said() == await stored(around) == "mine"


async def test_an_attempt_that_comes_late_cannot_open(around):
    await around.buffer.open(M, 2, False)
    writer = around.writer(1)
    with pytest.raises(Fenced):
        await writer.open(True)
    assert writer.fenced.is_set()


async def test_a_new_stream_is_written_only_for_a_row_that_is_still_mine(around):
    around.mine = False
    writer = around.writer()
    await writer.open(False)
    writer.push("a zombie's", 1)
    with pytest.raises(Fenced):
        await writer.flush()
    assert await stored(around) == ""
    assert await around.heard() == []


async def test_the_row_is_asked_once_for_a_new_stream_and_never_when_all_goes_well(around):
    writer = around.writer()
    await writer.open(False)
    for _ in range(20):
        writer.push("text", 1)
        await writer.flush()
    assert around.asked == 1


async def test_the_row_is_not_asked_for_a_new_stream_that_is_opened_just_after_the_claim(around):
    around.just_claimed = True
    writer = around.writer()
    await writer.open(False)
    writer.push("text", 1)
    await writer.finish("length")
    assert await around.said() == await stored(around) == "text"
    assert around.asked == 0


async def test_the_row_is_asked_when_a_stream_that_was_opened_just_after_the_claim_is_lost(around, client):
    around.just_claimed = True
    writer = around.writer()
    await writer.open(False)
    client.flushall()
    around.mine = False
    writer.push("a zombie's", 1)
    with pytest.raises(Fenced):
        await writer.flush()
    assert await around.buffer.snapshot(M, 0) is None


async def test_a_hung_redis_is_waited_for(around, client):
    writer = around.writer()
    await writer.open(False)
    writer.push("before", 1)
    await writer.flush()
    client.client_pause(2500, all=True)
    writer.push(", after", 1)
    await writer.finish("length")
    assert await around.said() == await stored(around) == "before, after"


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "as it was"])
async def test_a_redis_that_was_away_is_waited_for(stream_server, around, client, empty):
    writer = around.writer()
    await writer.open(False)
    writer.push("before", 1)
    await writer.flush()
    if not empty:
        client.save()
    port = stream_server.port
    stream_server.terminate()
    if empty:
        (stream_server.data_dir / "dump.rdb").unlink(missing_ok=True)
    for _ in range(100):
        writer.push("!", 1)
        await asyncio.sleep(0.001)
    finished = asyncio.create_task(writer.finish("length"))
    stream_server._desired_port = port
    await asyncio.to_thread(stream_server.start)
    await finished
    assert await stored(around) == writer.text == "before" + "!" * 100


async def test_a_writer_stops_at_once_while_redis_is_away(stream_url, stream_server):
    buffer = StreamBuffer.from_url("redis://127.0.0.1:1")
    writer = Around(buffer).writer()
    opening = asyncio.create_task(writer.open(False))
    await asyncio.sleep(0.1)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await writer.aclose()
    await buffer.aclose()


@pytest.mark.parametrize("timeout_s", [10])
async def test_a_writer_is_closed_in_the_middle_of_a_flight(around, client):
    writer = around.writer()
    await writer.open(False)
    client.client_pause(1500, all=True)
    writer.push("text", 1)
    for _ in range(10):
        await asyncio.sleep(0)
    await asyncio.wait_for(writer.aclose(), 1)
    writer_after = around.writer(2)
    assert (await writer_after.open(True)).text in ("", "text")  # the command was on its way, and may be late


@pytest.mark.parametrize("timeout_s", [10])
async def test_finish_that_was_cancelled_can_be_called_again(around, client):
    writer = around.writer()
    await writer.open(False)
    client.client_pause(1500, all=True)
    writer.push("text", 1)
    finishing = asyncio.create_task(writer.finish("length"))
    for _ in range(10):
        await asyncio.sleep(0)
    finishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await finishing
    await writer.finish("length")
    assert await around.buffer.open(M, 1, True) == Opened(1, "text", 1, "length")


@pytest.fixture
def full(client):
    """Redis at maxmemory, until called."""
    client.set("ballast", b"x" * 1_000_000)
    client.config_set("maxmemory-policy", "noeviction")
    yield lambda on: client.config_set("maxmemory", 1_000_000 if on else 0)
    client.config_set("maxmemory", 0)


async def test_a_full_redis_ends_the_writer_with_the_reason(around, full):
    around.give_up_s = 0.2
    writer = around.writer()
    await writer.open(False)
    full(True)
    writer.push("text", 1)
    with pytest.raises(StreamRefused, match=r"a-message: the stream's write was refused for 0.2 s.*maxmemory"):
        await writer.finish("length")
    assert writer.stopped.is_set()
    assert not writer.fenced.is_set()
    with pytest.raises(StreamRefused):
        writer.push("more", 1)


async def test_a_full_redis_that_gets_room_again_lost_nothing(around, full):
    writer = around.writer()
    await writer.open(False)
    full(True)
    writer.push("text", 1)
    finishing = asyncio.create_task(writer.finish("length"))
    await asyncio.sleep(0.1)
    assert not finishing.done()
    full(False)
    await finishing
    assert await around.said() == await stored(around) == "text"


async def test_a_row_that_cannot_be_asked_is_asked_again_and_then_given_up(around):
    async def still_mine():
        raise RuntimeError("no database")

    around.still_mine, around.give_up_s = still_mine, 0.2
    writer = around.writer()
    await writer.open(False)
    writer.push("text", 1)
    with pytest.raises(StreamRefused, match="no database"):
        await writer.finish("length")


async def test_what_postgres_cannot_hold_is_replaced_before_it_is_shown(around):
    writer = around.writer()
    await writer.open(False)
    writer.push("nul \0, half \ud83d, pair \ud83d\ude42", 1)
    await writer.finish("length")
    assert await around.said() == await stored(around) == writer.text == "nul \ufffd, half \ufffd, pair 🙂"


async def test_a_writer_must_be_opened_first(around):
    with pytest.raises(RuntimeError, match=r"open\(\) the writer first"):
        around.writer().push("text", 1)


async def test_a_retried_write_whose_answer_was_lost_is_not_written_twice(around, client):
    """The connection dies between the command and its answer."""
    writer = around.writer()
    await writer.open(False)
    write = around.buffer.write
    lost: list = []

    async def write_and_lose(*args):
        verdict = await write(*args)
        if not lost:
            lost.append(verdict)
            raise redis.exceptions.TimeoutError("no answer")
        return verdict

    around.buffer.write = write_and_lose
    writer.push("once", 1)
    await writer.finish("length")
    assert lost
    assert await stored(around) == "once"
    assert {(event["offset"], event["text"]) for event in await around.heard()} == {(0, "once")}
