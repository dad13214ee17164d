"""The turns of a worker's threads at Postgres."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from workers.postgres import Turns

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def turns():
    turns = Turns(pool_size=2)  # one turn
    yield turns
    turns.close()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def backend_of_a_turn(turns: Turns) -> int:
    with turns.turn():
        return backend()


def test_threads_have_the_same_connection_one_after_the_other(turns):
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        assert one.submit(backend_of_a_turn, turns).result() == other.submit(backend_of_a_turn, turns).result()


def test_a_thread_that_has_had_its_turn_has_its_own_connection_again(turns):
    own = backend()
    assert backend_of_a_turn(turns) != own
    assert backend() == own


def test_one_waits_for_its_turn_until_the_other_has_had_it(turns):
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with turns.turn():
            done.append("second")

    done: list[str] = []
    with ThreadPoolExecutor(1) as thread:
        with turns.turn():
            waiting = thread.submit(second)
            assert begun.wait(60)
            done.append("first")
        waiting.result(60)
    assert done == ["first", "second"]


def test_a_connection_that_the_server_has_left_is_replaced_before_anybody_notices(turns):
    left = backend_of_a_turn(turns)
    end(left)
    assert backend_of_a_turn(turns) != left


def test_after_an_error_a_turn_begins_with_a_connection_of_the_pool(turns):
    def fail() -> None:
        with turns.turn():
            backend()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with turns.turn():
        assert connection.connection is None


def test_of_a_pool_of_one_no_connection_is_kept():
    turns = Turns(pool_size=1)
    for _ in range(2):
        with turns.turn():
            assert connection.connection is None
            backend()
