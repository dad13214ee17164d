"""What does not grow with what is there: the pages and rows that Postgres reads for a claim, a request, a look.

Counted by EXPLAIN, so the machine has no part in it. With statistics as they are after ANALYZE and as they are right
after a rush, by plans made for the parameters and by those that a prepared statement has in the long run.
"""

import pytest
from django.db import connection

from chats.milestones import note_milestones
from chats.models import Message, Milestones, Pause
from chats.positions import look_at_rows
from chats.repository.admission import MOST_COUNTED
from chats.repository.asking import add_prompt
from chats.threads import path_to, read_thread
from tests.chats.masses import copies
from tests.chats.plans import plans
from tests.chats.played_worker import claim
from tests.chats.repository.test_threads import grow

RUSH = 10_000
QUEUE = "messages_waiting"

FRESH, BEFORE = "fresh statistics", "statistics from before"
IN_ONE_WAY = pytest.mark.parametrize("rush", [FRESH], indirect=True)
"""For what is no matter of Postgres' choice."""


@pytest.fixture(autouse=True)
def without_dead_rows(database):
    """What other tests have rolled back lies in the table until it is vacuumed, by a connection of its own."""
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("VACUUM chats_message")
    finally:
        beside.close()


@pytest.fixture(params=[FRESH, BEFORE])
def rush(request, prompt):
    """Makes very many messages like one, in a table that has some already."""
    copies(prompt, RUSH // 4)

    def make(message):
        analyze()
        copies(message, RUSH)
        if request.param == FRESH:
            analyze()

    return make


def analyze():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chats_message")


@pytest.fixture(params=[False, True], ids=["custom plan", "generic plan"])
def generic(request):
    return request.param


def pages(seen):
    return sum(plan.buffers for plan in seen)


def test_a_claim_reads_one_row_of_the_queue_and_no_more_pages_than_its_changes_take(reply, model, rush, generic):
    rush(reply)
    with plans(generic=generic) as seen:
        assert claim(model).message_id == reply.pk
    (plan,) = seen
    assert plan.rows(QUEUE) == 1
    assert plan.buffers < 100


@IN_ONE_WAY
def test_a_claim_from_a_paused_queue_reads_nothing_of_it(reply, model, rush):
    rush(reply)
    Pause.objects.create(compat_hash=model.compat_hash)
    with plans() as seen:
        assert claim(model) is None
    assert seen[0].rows(QUEUE) == 0


@pytest.mark.parametrize("readers", [1, 1000])
def test_a_look_counts_the_queue_once_by_its_index_however_many_wait_to_be_told(reply, model, rush, generic, readers):
    rush(reply)
    waiting = [str(pk) for pk in Message.objects.waiting(model.compat_hash).values_list("pk", flat=True)]
    asked = waiting[-1 :: -(RUSH // readers)][:readers]
    with plans(generic=generic) as seen:
        looks = {row.message_id: row.position for row in look_at_rows(asked)}
    assert looks == {each: waiting.index(each) for each in asked}
    (plan,) = seen
    assert plan.rows(QUEUE) == pytest.approx(len(waiting), rel=0.01)
    assert {node["Node Type"] for node in plan.scans(QUEUE)} == {"Index Only Scan"}


@pytest.mark.parametrize("place", [0, RUSH // 3, RUSH - 1])
def test_a_look_at_a_queue_with_milestones_counts_the_rows_of_three_strides(reply, model, rush, generic, place):
    rush(reply)
    note_milestones()
    (milestones,) = Milestones.objects.all()
    waiting = [str(pk) for pk in Message.objects.waiting(model.compat_hash).values_list("pk", flat=True)]
    with plans(generic=generic) as seen:
        (look,) = look_at_rows([waiting[place]])
    assert (look.position, look.queue_size) == (place, len(waiting))
    (plan,) = seen
    assert plan.rows(QUEUE) < 3 * milestones.stride
    assert {node["Node Type"] for node in plan.scans(QUEUE)} == {"Index Only Scan"}


def test_a_thread_is_read_message_by_message_in_a_small_table_too(chat, ask, model, generic):
    """Where the thread is all that is in the table, Postgres would rather read the table at every step."""
    length = 1001
    prompt = grow(chat, length)
    analyze()
    reply = ask(prompt)
    with plans(generic=generic) as seen:
        assert len(claim(model).thread) == len(read_thread(prompt.pk)) == length
        assert len(path_to(reply.pk)) == length + 1
    for plan in seen:
        assert plan.buffers < 6 * length


def test_asking_reads_no_more_in_a_long_chat_while_very_many_of_others_wait(reply, ask, rush, generic, stranger):
    theirs = add_prompt(chat=stranger.chat(), parent_id=None, content="Hello")
    ask(theirs)
    with plans(generic=generic) as seen:
        ask(theirs)
    before = pages(seen)
    rush(reply)
    rush(theirs)
    with plans(generic=generic) as seen:
        ask(theirs)
    assert pages(seen) <= before + 10


@IN_ONE_WAY
def test_of_a_persons_own_waiting_replies_asking_reads_so_many_and_the_index_alone(reply, prompt, ask, rush):
    rush(reply)
    with plans() as seen:
        ask(prompt)
    (look,) = (plan for plan in seen if plan.scans("messages_waiting_of_user"))
    assert {node["Node Type"] for node in look.scans("messages_waiting_of_user")} == {"Index Only Scan"}
    assert look.rows("messages_waiting_of_user") == MOST_COUNTED
    assert sum(plan.buffers for plan in seen if plan is not look) < 100


@IN_ONE_WAY
def test_unfinished_replies_are_found_without_reading_what_has_ended(prompt, reply, rush):
    rush(prompt)
    with plans() as seen:
        assert [message.pk for message in Message.objects.unfinished()] == [reply.pk]
    assert pages(seen) < 100
