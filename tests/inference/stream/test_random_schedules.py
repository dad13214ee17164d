"""The whole protocol in random schedules; and that the model notices when a part of the protocol is taken out.

STREAM_SCHEDULES=N runs so many (default 1500), STREAM_SEED=S begins at that seed; a failure names its seed.
"""

import os
from collections import Counter

import pytest
import redis

from tests.inference.stream.world import Broken, Sabotage, World

SCHEDULES = int(os.environ.get("STREAM_SCHEDULES", "1500"))
FIRST_SEED = int(os.environ.get("STREAM_SEED", "0"))
ENOUGH_TO_NOTICE = 1500


EVENTS_OF_NOTE = {
    *("unheard", "unanswered", "late", "thaw", "cancel", "flush", "rollback", "restart", "reader gave up"),
    *(
        "OPEN fenced",
        "OPEN in mid-text",
        "OPEN of a finished text",
        "no longer mine",
        "opened long after the claim",
        "reconnect in mid-text",
    ),
    *("Write OK", "Write STALE", "Write FENCED", "Seed OK", "snapshot in parts"),
}


def first_broken(
    client: redis.Redis, seeds: range, sabotage: Sabotage, happened: Counter[str] | None = None
) -> str | None:
    for seed in seeds:
        world = World(client, seed, sabotage)
        try:
            world.run()
        except Broken as broken:
            return f"seed {seed}: {broken}"
        if happened is not None:
            happened.update(world.happened)
    return None


def test_every_reader_ends_with_the_stored_text_whatever_breaks(client):
    happened: Counter[str] = Counter()
    assert first_broken(client, range(FIRST_SEED, FIRST_SEED + SCHEDULES), Sabotage(), happened) is None
    print(dict(happened))  # noqa: T201
    if SCHEDULES >= ENOUGH_TO_NOTICE:
        assert {what for what in EVENTS_OF_NOTE if not happened[what]} == set(), "the schedules are too tame"


@pytest.mark.parametrize("part", ["fence", "length_check", "idle_look", "publish_after_ok", "epochs"])
def test_without_this_part_of_the_protocol_the_model_fails(client, part):
    assert first_broken(client, range(ENOUGH_TO_NOTICE), Sabotage(**{part: True})) is not None
