"""Thoughts told apart in a reader's events: nothing is lost or told twice, also for a reader that comes back."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inference import events
from inference.stream.cursor import Cursor
from inference.stream.thought_events import ThoughtEvents
from inference.thinking import divide, split_thoughts

MESSAGE = "m"
EPOCH = 3

texts = st.lists(
    st.sampled_from(["<think>", "</think>", "<think", "</", "<", ">", " ", "\n", "a", "b c", "é", "🦙"]), max_size=14
).map("".join)


def tokens(text: str, cuts: list[int], start: int = 0) -> list[Any]:
    """The events of a reader that gets the text from character `start` on, cut at these places."""
    edges = sorted({start, len(text), *(start + cut % (len(text) - start + 1) for cut in cuts)})
    made = []
    for begin, end in pairwise(edges):
        offset, last = len(text[:begin].encode()), len(text[:end].encode())
        made.append(
            events.token(MESSAGE, cursor=str(Cursor(EPOCH, last)), offset=offset, end=last, text=text[begin:end])
        )
    cursor = str(Cursor(EPOCH, len(text.encode())))
    return [*made, events.message(MESSAGE, message={"state": "complete"}, cursor=cursor)]


def read(text: str, cuts: list[int], cursor: Cursor | None = None, until: int | None = None) -> list[Any]:
    """What a client gets that comes with this cursor, of at most `until` events of the reader below."""
    start = len(text.encode()[: cursor.position].decode()) if cursor else 0
    rewritten = ThoughtEvents(MESSAGE, cursor)
    told: list[Any] = []
    for event in tokens(text, cuts, start)[:until]:
        if (missing := rewritten.missing_before(event)) is not None:
            assert missing == (EPOCH, len(text[:start].encode()))
            rewritten.recall(text[:start], missing[1])
        told += rewritten.take(event)
    return told


def said(told: list[Any]) -> tuple[str, str]:
    """Thoughts and reply of these events."""
    of = [event for event in told if event["event_type"] == "token"]
    return "".join(event["thoughts"] for event in of), "".join(event["text"] for event in of)


@given(text=texts, cuts=st.lists(st.integers(0, 100), max_size=10))
def test_the_events_say_what_the_whole_text_says(text, cuts):
    told = read(text, cuts)
    assert said(told) == split_thoughts(text)
    position = 0
    for event in told[:-1]:
        assert event["offset"] == position < event["end"]
        assert event["cursor"] == str(Cursor(EPOCH, event["end"]))
        position = event["end"]
    assert told[-1]["event_type"] == "message"


@given(
    text=texts,
    cuts=st.lists(st.integers(0, 100), max_size=10),
    again=st.lists(st.integers(0, 100), max_size=10),
    until=st.integers(0, 12),
)
def test_a_client_that_comes_back_gets_the_rest_once(text, cuts, again, until):
    before = [event for event in read(text, cuts, until=until) if event["event_type"] == "token"]
    cursor = Cursor.parse(before[-1]["cursor"]) if before else None
    if cursor is not None and cursor.position == len(text.encode()):
        return  # it has all
    thoughts, reply = said([*before, *read(text, again, cursor)])
    assert (thoughts, reply) == split_thoughts(text)


def test_after_a_restart_all_is_new():
    rewritten = ThoughtEvents(MESSAGE)
    rewritten.take(events.token(MESSAGE, cursor="1.9", offset=0, end=9, text="<think>Hm"))
    restart = events.restart(MESSAGE, cursor="2.0")
    assert rewritten.take(restart) == [restart]
    [told] = rewritten.take(events.token(MESSAGE, cursor="2.3", offset=0, end=3, text="Yes"))
    assert (told["text"], told["thoughts"], told["offset"], told["cursor"]) == ("Yes", "", 0, "2.3")


@given(text=texts)
def test_a_text_divided_is_the_same_text(text):
    before, reply = divide(text)
    assert before + reply == text
    assert (split_thoughts(before)[0], reply) == split_thoughts(text) or reply == text
