"""The stream buffer: each operation of the script, through the asyncio class and the sync one."""

import asyncio
import inspect
from functools import partial

import pytest
import redis
import redis.asyncio

from inference.stream.buffer import StreamBuffer, SyncStreamBuffer
from inference.stream.script import FENCED, OK, STALE, TTL_S, Opened, Snapshot

M = "0197a1b2-0000-7000-8000-000000000002"


class Either:
    """Calls of both classes look alike here."""

    def __init__(self, buffer, runner):
        self.buffer, self.runner = buffer, runner

    def __getattr__(self, name):
        return partial(self.call, getattr(self.buffer, name))

    def call(self, method, *args, **kwargs):
        answer = method(*args, **kwargs)
        return self.runner.run(answer) if inspect.isawaitable(answer) else answer


@pytest.fixture(params=[StreamBuffer, SyncStreamBuffer], ids=["asyncio", "sync"])
def buffer(request, stream_url):
    with asyncio.Runner() as runner:
        either = Either(request.param.from_url(stream_url, prefix="p:"), runner)
        yield either
        either.aclose() if request.param is StreamBuffer else either.close()


def test_the_first_open_begins_an_empty_text_at_its_attempt(buffer):
    assert buffer.open(M, 3, True) == Opened(epoch=3, text="", tokens=0, finish_reason=None)


def test_the_same_attempt_opens_again_and_finds_what_is_there(buffer):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 2, None)
    assert buffer.open(M, 1, False) == Opened(1, "text", 2, None)


def test_a_later_attempt_goes_on_in_the_same_epoch(buffer):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, "héé".encode(), 2, None)
    assert buffer.open(M, 2, True) == Opened(1, "héé", 2, None)
    assert buffer.write(M, 2, 5, b"!", 3, "eos_token") is OK
    assert buffer.open(M, 3, True) == Opened(1, "héé!", 3, "eos_token")


def test_a_later_attempt_that_cannot_continue_begins_a_new_epoch(buffer):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 2, None)
    assert buffer.open(M, 2, False) == Opened(2, "", 0, None)
    assert buffer.snapshot(M, 0) == Snapshot(2, 0, b"", 0)


def test_a_finished_text_is_kept_even_for_an_engine_that_cannot_continue(buffer):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 2, "eos_token")
    assert buffer.open(M, 2, False) == Opened(1, "text", 2, "eos_token")


def test_an_earlier_attempt_is_fenced_in_every_operation_and_changes_nothing(buffer, client):
    buffer.open(M, 2, False)
    buffer.write(M, 2, 0, b"mine", 1, None)
    before = {key: client.dump(key) for key in client.scan_iter()}
    assert buffer.open(M, 1, False) is FENCED
    assert buffer.open(M, 1, True) is FENCED
    assert buffer.write(M, 1, 4, b"theirs", 1, None) is FENCED
    assert buffer.seed(M, 1, 1, b"theirs", 1, None) is FENCED
    assert {key: client.dump(key) for key in client.scan_iter()} == before


def test_attempts_are_compared_as_numbers(buffer):
    buffer.open(M, 10, False)
    assert buffer.open(M, 9, False) is FENCED


@pytest.mark.parametrize("offset", [0, 3, 5])
def test_a_write_at_another_length_is_stale(buffer, offset):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 1, None)
    assert buffer.write(M, 1, offset, b"more", 1, None) is STALE
    assert buffer.snapshot(M, 0).data == b"text"


def test_a_write_that_is_repeated_is_stale_the_second_time(buffer):
    buffer.open(M, 1, False)
    assert buffer.write(M, 1, 0, b"text", 1, None) is OK
    assert buffer.write(M, 1, 0, b"text", 1, None) is STALE


def test_a_write_without_an_open_is_stale(buffer, client):
    assert buffer.write(M, 1, 0, b"text", 1, None) is STALE
    assert client.keys() == []


def test_a_later_attempt_does_not_write_before_it_has_opened(buffer):
    buffer.open(M, 1, False)
    assert buffer.write(M, 2, 0, b"text", 1, None) is STALE


def test_a_finish_reason_goes_in_with_no_text_too(buffer):
    buffer.open(M, 1, False)
    assert buffer.write(M, 1, 0, b"", 0, "eos_token") is OK
    assert buffer.open(M, 2, True) == Opened(1, "", 0, "eos_token")


def test_a_seed_puts_everything_back_after_a_flush(buffer, client):
    buffer.open(M, 1, False)
    client.flushall()
    assert buffer.seed(M, 1, 1, b"text", 2, None) is OK
    assert buffer.write(M, 1, 4, b"!", 3, "length") is OK
    assert buffer.open(M, 2, True) == Opened(1, "text!", 3, "length")


def test_a_seed_replaces_what_another_attempt_left(buffer):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"a longer text", 9, "length")
    assert buffer.seed(M, 2, 2, b"text", 2, None) is OK
    assert buffer.open(M, 2, True) == Opened(2, "text", 2, None)


@pytest.mark.parametrize(("late", "fin"), [(b"te", None), (b"text", None), (b"te", "length")])
def test_a_copy_of_an_old_seed_that_comes_late_takes_nothing_away(buffer, late, fin):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 4, "eos_token")
    assert buffer.seed(M, 1, 1, late, 2, fin) is OK
    assert buffer.open(M, 1, True) == Opened(1, "text", 4, "eos_token")


def test_any_bytes_go_in_and_come_out(buffer):
    data = "".join(map(chr, (1, 10, 13, 34, 39, 92, 127, 0x80, 0x7FF, 0x800, 0xFFFD, 0x10000, 0x10FFFF))).encode()
    buffer.open(M, 1, False)
    assert buffer.write(M, 1, 0, data, 1, None) is OK
    assert buffer.snapshot(M, 0) == Snapshot(1, 0, data, len(data))


def test_a_snapshot_of_nothing_is_none(buffer):
    assert buffer.snapshot(M, 0) is None


def test_a_snapshot_begins_at_the_position_and_is_cut_at_a_whole_character(buffer):
    text = "aé漢🙂"  # 1 + 2 + 3 + 4 bytes
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, text.encode(), 1, None)
    parts = {limit: buffer.snapshot(M, 1, limit) for limit in range(4, 12)}
    assert {limit: part.data.decode() for limit, part in parts.items()} == {
        4: "é", 5: "é漢", 6: "é漢", 7: "é漢", 8: "é漢", 9: "é漢🙂", 10: "é漢🙂", 11: "é漢🙂",
    }  # fmt: skip
    assert [part.cut for part in parts.values()] == [True] * 5 + [False] * 3
    assert buffer.snapshot(M, 10) == Snapshot(1, 10, b"", 10)
    assert buffer.snapshot(M, 999) == Snapshot(1, 999, b"", 10)


def test_a_look_tells_epoch_and_length_of_each(buffer):
    buffer.open("a", 2, False)
    buffer.write("a", 2, 0, b"text", 1, None)
    buffer.open("b", 1, False)
    assert buffer.look(["a", "b", "c"]) == {"a": (2, 4), "b": (1, 0), "c": (None, 0)}
    assert buffer.look([]) == {}


async def test_a_look_at_many_goes_in_batches(stream_url):
    buffer = StreamBuffer.from_url(stream_url)
    await buffer.open("450", 1, False)
    looks = await buffer.look([str(number) for number in range(451)])
    assert len(looks) == 451
    assert {message_id for message_id, look in looks.items() if look != (None, 0)} == {"450"}
    await buffer.aclose()


async def test_fences_are_told_for_the_heartbeat(stream_url):
    buffer = StreamBuffer.from_url(stream_url)
    await buffer.open("a", 7, False)
    assert await buffer.fences(["a", "b"]) == {"a": 7, "b": None}
    assert await buffer.fences([]) == {}
    await buffer.aclose()


def ttls(client):
    return {client.ttl(key) for key in client.scan_iter()}


def test_every_change_keeps_the_stream_for_a_day(buffer, client):
    changes = [
        partial(buffer.open, M, 1, False),
        partial(buffer.write, M, 1, 0, b"text", 1, None),
        partial(buffer.seed, M, 1, 1, b"text and more", 1, None),
        partial(buffer.open, M, 2, True),
        partial(buffer.open, M, 2, True),
    ]
    for change in changes:
        change()
        assert ttls(client) <= {TTL_S, TTL_S - 1}
        for key in client.scan_iter():
            client.expire(key, 100)


def test_a_stream_goes_a_minute_after_the_final_row(buffer, client):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 1, "length")
    buffer.expire(M)
    assert ttls(client) <= {60, 59}


def test_a_refused_change_does_not_make_the_stream_live_longer(buffer, client):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 1, "length")
    buffer.expire(M)
    buffer.write(M, 1, 0, b"text", 1, "length")
    buffer.open(M, 0, True)
    assert ttls(client) <= {60, 59}


def test_keys_have_the_prefix_and_one_slot(buffer, client):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 1, None)
    assert set(client.keys()) == {f"p:{{{M}}}:m".encode(), f"p:{{{M}}}:t".encode()}


def test_the_script_is_loaded_again_when_the_server_has_forgotten_it(buffer, client):
    buffer.open(M, 1, False)
    client.script_flush()
    assert buffer.write(M, 1, 0, b"text", 1, None) is OK
    client.flushall()
    client.script_flush()
    assert buffer.open(M, 1, False).text == ""


@pytest.mark.parametrize(
    ("kind", "maker"), [(StreamBuffer, redis.asyncio.Redis.from_url), (SyncStreamBuffer, redis.Redis.from_url)]
)
def test_a_client_that_decodes_is_refused(kind, maker, stream_url):
    with pytest.raises(ValueError, match="decode_responses=False"):
        kind(maker(stream_url, decode_responses=True))


@pytest.fixture
def full(client):
    """maxmemory is reached."""
    client.set("ballast", b"x" * 1_000_000)
    policy = client.config_get("maxmemory-policy")["maxmemory-policy"]
    client.config_set("maxmemory-policy", "noeviction")
    yield partial(client.config_set, "maxmemory", 1_000_000)
    client.config_set("maxmemory", 0)
    client.config_set("maxmemory-policy", policy)


def test_a_full_redis_refuses_text_whole_and_lets_fences_through(buffer, client, full):
    buffer.open(M, 1, False)
    buffer.write(M, 1, 0, b"text", 1, None)
    full()
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        buffer.write(M, 1, 4, b"more", 2, "length")
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        buffer.seed(M, 1, 1, b"text and more", 2, "length")
    assert buffer.open(M, 2, True) == Opened(1, "text", 1, None)
    assert buffer.write(M, 1, 4, b"more", 2, "length") is FENCED
    assert buffer.open("another", 1, False).text == ""


async def test_a_write_tells_its_readers_when_it_was_done_and_only_then(stream_url, client):
    buffer = StreamBuffer.from_url(stream_url)
    pubsub = client.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe("readers")
    assert pubsub.get_message(timeout=60) is None
    await buffer.open(M, 1, False)
    assert await buffer.write(M, 1, 0, b"one", 1, None, ("readers", b"first")) is OK
    assert await buffer.write(M, 1, 0, b"one", 1, None, ("readers", b"stale")) is STALE
    assert await buffer.write(M, 0, 3, b"two", 2, None, ("readers", b"fenced")) is FENCED
    assert await buffer.write(M, 1, 3, b"two", 2, "length", ("readers", b"second")) is OK
    await buffer.publish(("readers", b"the end"))
    heard = []
    while not heard or heard[-1] != b"the end":
        heard.append(pubsub.get_message(timeout=60)["data"])
    assert heard == [b"first", b"second", b"the end"]
    pubsub.close()
    await buffer.aclose()
