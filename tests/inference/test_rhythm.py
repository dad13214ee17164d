"""The rhythm of many streams: how long each waits for its turn."""

import asyncio

import pytest

from inference.rhythm import BEAT_S, LONGEST_PAUSE_S, Rhythm


def rhythm_of(streams, **pauses):
    rhythm = Rhythm(**pauses)
    for _ in range(streams):
        rhythm.join()
    return rhythm


@pytest.mark.parametrize(("streams", "pause_s"), [(0, 0), (1, 0.0004), (64, 0.0256), (300, 0.12), (10_000, 0.15)])
def test_the_more_streams_the_longer_the_pause_up_to_what_people_notice(streams, pause_s):
    assert rhythm_of(streams).pause_s == pytest.approx(pause_s)


def test_who_leaves_no_longer_counts():
    rhythm = rhythm_of(2)
    rhythm.leave()
    assert rhythm.pause_s == rhythm_of(1).pause_s


async def test_a_stream_alone_does_not_wait():
    now = asyncio.get_running_loop().time()
    assert rhythm_of(1).wait_s(now) == 0.0


async def test_a_turn_that_is_over_is_not_waited_for():
    now = asyncio.get_running_loop().time()
    assert rhythm_of(1000).wait_s(now - 2 * LONGEST_PAUSE_S) == 0.0


async def test_turns_of_about_the_same_time_come_at_one_beat():
    rhythm, clock = rhythm_of(1, pause_per_stream_s=60, longest_pause_s=60), asyncio.get_running_loop().time
    now = clock()
    beats = {round((clock() + rhythm.wait_s(now + at * BEAT_S / 100)) / BEAT_S, 1) for at in range(100)}
    assert len(beats) == 2  # a hundred streams within one beat's length
    assert all(beat == int(beat) for beat in beats)
    assert 60 <= rhythm.wait_s(clock()) <= 60 + BEAT_S
