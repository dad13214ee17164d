"""The whole protocol in random schedules; and that the model notices when a part of the protocol is taken out.

STREAM_SCHEDULES=N runs so many (default 600), STREAM_SEED=S begins at that seed; a failure names its seed.
"""

import os

import pytest
import redis

from tests.inference.stream.world import Broken, Sabotage, World

SCHEDULES = int(os.environ.get("STREAM_SCHEDULES", "600"))
FIRST_SEED = int(os.environ.get("STREAM_SEED", "0"))
ENOUGH_TO_NOTICE = 1500


def first_broken(client: redis.Redis, seeds: range, sabotage: Sabotage) -> str | None:
    for seed in seeds:
        try:
            World(client, seed, sabotage).run()
        except Broken as broken:
            return f"seed {seed}: {broken}"
    return None


def test_every_reader_ends_with_the_stored_text_whatever_breaks(client):
    assert first_broken(client, range(FIRST_SEED, FIRST_SEED + SCHEDULES), Sabotage()) is None


@pytest.mark.parametrize("part", ["fence", "length_check", "idle_look", "publish_after_ok", "epochs"])
def test_without_this_part_of_the_protocol_the_model_fails(client, part):
    assert first_broken(client, range(ENOUGH_TO_NOTICE), Sabotage(**{part: True})) is not None
