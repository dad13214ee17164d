"""Events: the samples that every side reads are what this side defines."""

import json
from pathlib import Path
from typing import get_args, get_type_hints

import orjson
import pytest
from pydantic import TypeAdapter

from inference import events

SAMPLES = json.loads((Path(__file__).parents[1] / "contract" / "events.json").read_text(encoding="utf-8"))
TYPES = {get_args(kind.__annotations__["event_type"])[0]: kind for kind in get_args(events.ServerEvent)}
EACH = [pytest.param(kind, sample, id=f"{kind}-{i}") for kind, many in SAMPLES.items() for i, sample in enumerate(many)]


def test_every_event_has_a_sample_and_every_sample_an_event():
    assert set(SAMPLES) == set(events.EVENT_TYPES) == set(TYPES)


@pytest.mark.parametrize(("kind", "sample"), EACH)
def test_a_sample_has_the_fields_of_its_event_and_no_others(kind, sample):
    event = TYPES[kind]
    hints = get_type_hints(event)
    assert event.__required_keys__ <= set(sample) <= set(hints)
    for field, value in sample.items():
        TypeAdapter(hints[field]).validate_python(value, strict=True)


@pytest.mark.parametrize(("kind", "sample"), EACH)
def test_an_event_is_one_line_and_comes_back_as_it_was(kind, sample):
    line = events.encode(sample)
    assert "\n" not in line
    assert "\r" not in line
    assert events.decode(line) == events.decode(line.encode()) == sample


def test_the_constructors_make_the_samples():
    made = {
        "pending": events.pending("m", queue_position=0, queue_size=1, workers=1, estimate_s=None),
        "token": events.token("m", cursor="1.2", offset=0, end=2, text="hi"),
        "restart": events.restart("m", cursor="2.0"),
        "message": events.message("m", message={}, cursor="1.2"),
        "chat": events.chat({}),
        "message_created": events.message_created("m", message={}, ref=None),
        "feedback": events.feedback("m", score=1, reports=[], draft_group=None),
        "chat_deleted": events.chat_deleted("c"),
        "chats_changed": events.chats_changed(),
    }
    errors = [
        events.failed("m", error="e", message={}, cursor="1.2"),
        events.reader_error("m", error="e"),
        events.command_error(error="e", code=422, ref="7"),
    ]
    for kind, event in made.items():
        assert event["event_type"] == kind
        assert set(event) == set(SAMPLES[kind][0])
    for event, sample in zip(errors, SAMPLES["error"], strict=True):
        assert set(event) == set(sample)


def test_a_token_samples_offsets_are_bytes():
    for sample in SAMPLES["token"]:
        if "thoughts" in sample:  # they count with their tags
            assert sample["end"] - sample["offset"] > len((sample["thoughts"] + sample["text"]).encode())
            continue
        assert sample["end"] - sample["offset"] == len(sample["text"].encode())


@pytest.mark.parametrize("line", ["[]", "{}", '{"event_type": 1}', "null"])
def test_what_is_no_event_is_refused_by_name(line):
    with pytest.raises(ValueError, match="not an event"):
        events.decode(line)


def test_a_line_that_is_no_json_is_a_value_error():
    with pytest.raises(ValueError):
        events.decode("{")


def test_a_lone_surrogate_is_refused_and_not_sent_broken():
    with pytest.raises(orjson.JSONEncodeError):
        events.encode(events.token("m", cursor="1.3", offset=0, end=3, text="\ud83d"))
