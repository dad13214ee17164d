"""A message in progress that its own live worker never names is an orphan."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from workers.reconciler.orphans import ORPHANED_AFTER_S, Held, Orphans

SESSION, OTHER = UUID(int=1), UUID(int=2)
MESSAGE = Held(UUID(int=9), attempt=1, session_id=SESSION)


def beat(number: int, *messages: Held) -> dict[UUID, tuple[int, list[str]]]:
    return {SESSION: (number, [str(each.message_id) for each in messages])}


def test_a_message_that_its_worker_names_is_none():
    orphans = Orphans()
    assert not any(orphans.see(at, [MESSAGE], beat(at, MESSAGE)) for at in range(30))


def test_a_message_that_its_worker_never_names_is_one_after_a_while():
    orphans = Orphans()
    verdicts = [bool(orphans.see(float(at), [MESSAGE], beat(at))) for at in range(8)]
    assert verdicts == [at >= ORPHANED_AFTER_S for at in range(8)]


def test_a_worker_that_does_not_beat_makes_no_orphans():
    orphans = Orphans()
    assert not any(orphans.see(float(at), [MESSAGE], beat(3)) for at in range(30))


def test_a_session_that_is_unknown_makes_no_orphans():
    orphans = Orphans()
    assert not any(orphans.see(float(at), [MESSAGE], {OTHER: (at, [])}) for at in range(30))


def test_being_named_once_starts_the_wait_again():
    orphans = Orphans()
    for at in range(5):
        orphans.see(float(at), [MESSAGE], beat(at))
    orphans.see(5.0, [MESSAGE], beat(5, MESSAGE))
    assert not any(orphans.see(float(at), [MESSAGE], beat(at)) for at in range(6, 10))


def test_a_later_attempt_starts_the_wait_again():
    orphans = Orphans()
    for at in range(5):
        orphans.see(float(at), [MESSAGE], beat(at))
    later = MESSAGE._replace(attempt=2)
    assert not any(orphans.see(float(at), [later], beat(at)) for at in range(5, 9))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=80))
def test_an_orphan_was_missing_for_the_whole_time_while_its_session_beat(steps: list[tuple[bool, bool, bool]]):
    orphans = Orphans()
    number, missing_since, number_then = 0, None, 0
    for at, (named, beats, forgotten) in enumerate(steps):
        number += beats
        if forgotten and at % 7 == 0:
            orphans.forget()
            missing_since = None
        if named:
            missing_since = None
        elif missing_since is None:
            missing_since, number_then = at, number
        found = orphans.see(float(at), [MESSAGE], beat(number, *([MESSAGE] if named else [])))
        due = missing_since is not None and at - missing_since >= ORPHANED_AFTER_S and number != number_then
        assert found == ({MESSAGE} if due else set())
