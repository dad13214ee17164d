"""The count by which no byte of a reply is lost or doubled, over every order of events."""

from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chats.text_client.reply import Gap, ReplyText
from inference import events
from inference.events import TokenEvent

CONTENT = "Grüße aus der 🦀-Stadt: naïve Ziele, ½ Preis"
EDGES = [len(CONTENT[:n].encode()) for n in range(len(CONTENT) + 1)]


def token(start: int, end: int) -> TokenEvent:
    return events.token("m1", cursor=f"1.{end}", offset=start, end=end, text=CONTENT.encode()[start:end].decode())


@given(st.lists(st.tuples(st.sampled_from(EDGES), st.sampled_from(EDGES)).map(sorted), max_size=40))
def test_whatever_comes_the_shown_text_is_a_beginning_of_the_content(ranges):
    reply, out = ReplyText(), ""
    for start, end in ranges:
        try:
            out += reply.token(token(start, end))
        except Gap:
            assert start > reply.position
    assert out == reply.shown
    assert CONTENT.startswith(out)
    assert reply.position == len(out.encode())


@given(st.sets(st.sampled_from(EDGES)), st.integers(1, 3))
def test_in_order_and_with_repeats_the_whole_text_is_shown_once(cuts, repeats):
    reply, out = ReplyText(), ""
    for start, end in pairwise(sorted(cuts | {0, EDGES[-1]})):
        for _ in range(repeats):
            out += reply.token(token(start, end))
    assert out == CONTENT
    assert reply.rest_of(CONTENT) == ""


def test_text_before_which_something_is_missing_is_not_shown():
    reply = ReplyText()
    with pytest.raises(Gap):
        reply.token(token(EDGES[1], EDGES[4]))
    assert reply.shown == ""


def test_events_without_offsets_are_all_new():
    reply = ReplyText()
    event = cast(TokenEvent, {"event_type": "token", "text": "a"})
    assert reply.token(event) + reply.token(event) == "aa"


def test_the_final_content_adds_what_is_missing_and_tells_a_difference():
    reply = ReplyText()
    reply.token(token(0, EDGES[5]))
    assert reply.rest_of("something else") is None
    assert reply.rest_of(CONTENT) == CONTENT[5:]
    assert reply.restart() is True
    assert reply.restart() is False
