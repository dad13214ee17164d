"""Who waits is told what changes, and not the same thing each second."""

import pytest

from chats.database import in_database
from chats.streaming.hub import current_hub
from chats.streaming.places import LONGEST_S, is_due
from inference import events


def place(position, size=1000):
    return events.pending("a-message", queue_position=position, queue_size=size, workers=1, estimate_s=1.0)


@pytest.mark.parametrize(
    ("position", "age_s", "due"),
    [
        (0, 0.0, True),
        (50, 0.4, False),
        (50, 0.6, True),
        (500, 4.9, False),
        (500, 5.1, True),
        (100_000, LONGEST_S, True),
    ],
)
def test_who_stands_further_back_hears_of_changes_more_seldom(position, age_s, due):
    assert is_due(place(position + 1), place(position), age_s) is due


@pytest.mark.parametrize(("age_s", "due"), [(LONGEST_S - 0.1, False), (LONGEST_S, True)])
def test_what_has_not_changed_is_told_again_only_after_long(age_s, due):
    assert is_due(place(3), place(3), age_s) is due


@pytest.mark.usefixtures("live")
async def test_a_reader_hears_of_its_place_when_it_changes(reply, prompt, ask):
    async with current_hub().reader(str(reply.pk), None, can_rewind=True) as reader:
        first = await reader.next(5)
        assert (first["event_type"], first["queue_position"], first["queue_size"]) == ("pending", 0, 1)
        assert await reader.next(2.5) is None
        await in_database(ask, prompt)
        second = await reader.next(5)
        assert (second["event_type"], second["queue_position"], second["queue_size"]) == ("pending", 0, 2)
