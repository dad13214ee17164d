"""One reconciler of many: the lock of Postgres, on a connection of its own."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from tests.chats.waiting import until
from workers.reconciler.leadership import Leadership


@pytest.fixture
def first(transactional_db: None) -> Iterator[Leadership]:
    leadership = Leadership()
    yield leadership
    leadership.give_up()


@pytest.fixture
def second(transactional_db: None) -> Iterator[Leadership]:
    leadership = Leadership()
    yield leadership
    leadership.give_up()


def kill_the_locks_connection() -> None:
    with connection.cursor() as cursor:
        # The second argument waits, in milliseconds, until the backend is gone and its lock with it.
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = 'reconciler' AND datname = current_database()"
        )


def test_one_of_two_leads(first, second):
    assert first.hold()
    assert not second.hold()
    assert first.hold()


def test_the_other_leads_once_the_first_gives_up(first, second):
    first.hold()
    first.give_up()
    asyncio.run(until(second.hold))  # the server frees the lock when it notices that the connection is closed
    assert not first.hold()


def test_who_loses_the_connection_leads_no_more_until_it_has_the_lock_again(first, second):
    assert first.hold()
    kill_the_locks_connection()
    assert second.hold()
    with pytest.raises(psycopg.Error):
        first.hold()
    assert not first.hold()
    second.give_up()
    asyncio.run(until(first.hold))
