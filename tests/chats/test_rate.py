"""The sliding window: exact under many at once, per person and kind, open again in time, harmless without Redis."""

import time
from uuid import uuid4

import pytest

from chats import rate
from chats.rate import forget, take
from chats.redis import sync_redis
from tests.chats.at_once import at_once


@pytest.fixture(autouse=True)
def redis_is_back():
    """A test that took Redis away has no effect on the next one."""
    rate._redis.succeeded()
    yield
    rate._redis.succeeded()


@pytest.fixture
def who(redis_url, settings):
    settings.RATE_LIMIT = True
    return uuid4()


def test_so_many_are_let_through_and_the_next_is_told_how_long_to_wait(who):
    assert [take("act", who, times=3, seconds=60) for _ in range(3)] == [0, 0, 0]
    assert 59 < take("act", who, times=3, seconds=60) <= 60


def test_another_person_and_another_kind_have_a_window_of_their_own(who):
    assert take("act", who, times=1, seconds=60) == 0
    assert take("act", uuid4(), times=1, seconds=60) == 0
    assert take("other", who, times=1, seconds=60) == 0
    assert take("act", who, times=1, seconds=60) > 0


def test_what_is_refused_is_not_counted(who):
    take("act", who, times=1, seconds=60)
    first = take("act", who, times=1, seconds=60)
    assert all(take("act", who, times=1, seconds=60) <= first for _ in range(5))


def test_there_is_room_again_when_the_window_has_passed(who):
    take("act", who, times=1, seconds=60)
    [(member, at)] = sync_redis().zrange(f"rate:act:{who}", 0, -1, withscores=True)
    sync_redis().zadd(f"rate:act:{who}", {member: at - 60_001})
    assert take("act", who, times=1, seconds=60) == 0


def test_nothing_stays_in_redis_for_longer_than_its_window(who):
    take("act", who, times=1, seconds=60)
    assert 0 < sync_redis().pttl(f"rate:act:{who}") <= 60_000


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_so_many_are_let_through(who):
    waits = at_once(*[lambda: take("act", who, times=3, seconds=60)] * 12)
    assert waits.count(0) == 3


def test_what_is_forgotten_begins_anew(who):
    take("act", who, times=1, seconds=60)
    forget("act", who)
    assert take("act", who, times=1, seconds=60) == 0


def test_the_switch_turns_all_limits_off(who, settings):
    settings.RATE_LIMIT = False
    assert [take("act", who, times=1, seconds=60) for _ in range(3)] == [0, 0, 0]


def test_nobody_is_held_up_while_redis_is_away(redis_away, settings):
    settings.RATE_LIMIT = True
    with redis_away():
        assert take("act", "somebody", times=1, seconds=60) == 0
        began = time.monotonic()
        assert [take("act", "somebody", times=1, seconds=60) for _ in range(20)] == [0] * 20
        assert time.monotonic() - began < 0.9, "only the first one waits for a server that hangs"
        forget("act", "somebody")
