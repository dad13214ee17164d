"""Places in a long queue, counted from its milestones."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from chats.milestones import SHORTEST_QUEUE, TRUSTED_S, note_milestones
from chats.models import Message, Milestones, State
from chats.positions import look_at_rows
from tests.chats.masses import copies
from tests.chats.played_worker import claim


def places(*replies):
    """Place and size of the queue, as each of them is told."""
    told = {row.message_id: (row.position, row.queue_size) for row in look_at_rows([str(each.pk) for each in replies])}
    return [told[str(each.pk)] for each in replies]


def note():
    """A queue of nine has a milestone at every second."""
    note_milestones(shortest=1, strides_per_root=0.5)


def waiting(model):
    return list(Message.objects.waiting(model.compat_hash))


@pytest.fixture
def queue(prompt, ask):
    """Nine that wait, a second after each other, in the order in which they are claimed."""
    replies = [ask(prompt) for _ in range(9)]
    now = timezone.now()
    for number, reply in enumerate(replies):
        reply.queue_at = now + timedelta(seconds=number)
    Message.objects.bulk_update(replies, ["queue_at"])
    return replies


def test_a_milestone_stands_at_every_stride_and_only_in_long_queues(queue, prompt, ask, make_model):
    short = make_model()
    ask(prompt, model_config_name=short.name)
    note_milestones(shortest=9, strides_per_root=1.0)
    (milestones,) = Milestones.objects.all()
    assert (milestones.compat_hash, milestones.stride) == (queue[0].compat_hash, 3)
    assert milestones.message_id == [queue[2].pk, queue[5].pk, queue[8].pk]
    assert milestones.queue_at == [queue[2].queue_at, queue[5].queue_at, queue[8].queue_at]


def test_a_queue_that_is_long_no_more_has_none(queue, model):
    note()
    Message.objects.filter(compat_hash=model.compat_hash).delete()
    note()
    assert not Milestones.objects.exists()


def test_a_queue_that_is_shorter_than_its_stride_keeps_no_old_ones(queue, model):
    note()
    for _ in range(8):
        claim(model)
    note_milestones(shortest=1, strides_per_root=2.0)
    assert not Milestones.objects.exists()


def test_claims_move_everybody_up_before_the_milestones_are_noted_anew(queue, model):
    note()
    for claimed in range(len(queue)):
        left = queue[claimed:]
        assert places(left[-1]) == [(len(left) - 1, len(left))]
        assert places(*left) == [(place, len(left)) for place in range(len(left))]
        assert claim(model).message_id == left[0].pk


def test_who_comes_to_the_end_or_before_the_first_milestone_counts_at_once(queue, prompt, ask, model):
    note()
    last = ask(prompt)
    Message.objects.filter(pk=last.pk).update(queue_at=queue[-1].queue_at + timedelta(seconds=1))
    first = ask(prompt)
    Message.objects.filter(pk=first.pk).update(queue_at=queue[0].queue_at - timedelta(seconds=1))
    assert places(first, queue[-1], last) == [(0, 11), (9, 11), (10, 11)]


def test_who_leaves_between_two_milestones_counts_until_they_are_noted_anew(queue):
    """What a place far behind may be wrong by: the changes of one second, in the middle."""
    note()
    Message.objects.filter(pk=queue[4].pk).update(state=State.CANCELLED)
    assert places(queue[8]) == [(8, 9)]
    assert places(queue[3], queue[8]) == [(3, 8), (7, 8)], "asked for there, that stretch is counted"
    note()
    assert places(queue[8]) == [(7, 8)]


def test_old_milestones_are_not_trusted(queue):
    note()
    Message.objects.filter(pk=queue[4].pk).update(state=State.CANCELLED)
    Milestones.objects.update(noted_at=F("noted_at") - timedelta(seconds=TRUSTED_S))
    assert places(queue[8]) == [(7, 8)]


def test_the_shortest_queue_with_milestones_is_told_as_it_is(reply, model):
    copies(reply, SHORTEST_QUEUE - 1)
    note_milestones()
    (milestones,) = Milestones.objects.all()
    order = waiting(model)
    assert milestones.message_id == [each.pk for each in order[milestones.stride - 1 :: milestones.stride]]
    assert places(order[0], order[500], order[-1]) == [(0, 1000), (500, 1000), (999, 1000)]
