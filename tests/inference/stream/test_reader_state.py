"""The reader's rules, one by one and in every order of events."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import events
from inference.stream.cursor import Cursor
from inference.stream.reader_state import CANNOT_REWIND, FinalMessage, ReaderState
from inference.stream.script import Snapshot

M = "a-message"


def token(epoch, offset, text):
    end = offset + len(text.encode())
    return events.token(M, cursor=f"{epoch}.{end}", offset=offset, end=end, text=text)


def snapshot(epoch, offset, text, length=None):
    data = text.encode()
    return Snapshot(epoch, offset, data, offset + len(data) if length is None else length)


def final(content, epoch=0):
    return FinalMessage(content, {"event_type": "message", "message_id": M, "message": {"content": content}}, epoch)


def message(content, cursor):
    return events.message(M, message={"content": content}, cursor=cursor)


def looked(state, part, row=None):
    """The state after a snapshot."""
    state.begin_snapshot()
    state.snapshot_taken(part, row)
    return state


def outstanding(state):
    """Bytes that wait for the reader."""
    return state.position - state.shown


def taken(state):
    out = []
    while (event := state.take()) is not None:
        out.append(event)
    return out


def started(text="one", epoch=1, **options):
    """A reader that has shown `text`."""
    state = looked(ReaderState(M, **options), snapshot(epoch, 0, text))
    taken(state)
    assert not state.wants_snapshot
    return state


def test_a_new_reader_looks_first_and_shows_what_is_there():
    state = ReaderState(M)
    assert state.wants_snapshot
    assert state.wants_row
    assert taken(looked(state, snapshot(1, 0, "text"))) == [token(1, 0, "text")]
    assert not state.wants_snapshot


def test_before_the_first_look_no_event_is_shown():
    state = ReaderState(M)
    state.feed(token(1, 0, "text"))
    assert taken(state) == []


def test_a_reader_that_found_no_stream_shows_the_first_text_without_another_look():
    state = looked(ReaderState(M), None)
    state.feed(token(2, 0, "text"))
    assert taken(state) == [token(2, 0, "text")]
    assert not state.wants_snapshot


def test_a_reader_that_found_no_stream_and_missed_the_first_text_looks():
    state = looked(ReaderState(M), None)
    state.feed(token(2, 4, "text"))
    assert taken(state) == []
    assert state.wants_snapshot


def test_events_that_follow_are_shown_and_what_waits_goes_out_as_one():
    state = started("one")
    state.feed(token(1, 3, " two"))
    state.feed(token(1, 7, " three"))
    assert taken(state) == [token(1, 3, " two three")]


def test_an_event_that_was_seen_is_dropped():
    state = started("one")
    state.feed(token(1, 0, "one"))
    state.feed(token(1, 0, "on"))
    assert taken(state) == []


def test_of_an_event_that_was_half_seen_the_tail_is_shown():
    state = started("one")
    state.feed(token(1, 0, "one two"))
    assert taken(state) == [token(1, 3, " two")]


def test_a_gap_is_healed_by_a_look():
    state = started("one")
    state.feed(token(1, 7, " three"))
    assert taken(state) == []
    assert state.wants_snapshot
    assert state.begin_snapshot() == 3
    state.snapshot_taken(snapshot(1, 3, " two three"), None)
    assert taken(state) == [token(1, 3, " two three")]
    assert not state.wants_snapshot


def test_events_that_come_during_a_look_are_neither_lost_nor_doubled():
    state = started("one")
    state.look_again()
    assert state.begin_snapshot() == 3
    state.feed(token(1, 3, " two"))
    state.feed(token(1, 7, " three"))
    state.feed(token(1, 20, " gap"))
    state.snapshot_taken(snapshot(1, 3, " two three fo"), None)
    assert taken(state) == [token(1, 3, " two three fo")]
    assert state.wants_snapshot


def test_what_is_heard_behind_a_gap_while_a_look_is_under_way_makes_no_second_look():
    state = started("one")
    state.feed(token(1, 7, " three"))
    state.begin_snapshot()
    state.feed(token(1, 13, " four"))
    state.feed(token(1, 18, " five"))
    state.snapshot_taken(snapshot(1, 3, " two three"), None)
    assert taken(state) == [token(1, 3, " two three four five")]
    assert not state.wants_snapshot


def test_what_is_heard_during_the_first_look_makes_no_second_look():
    state = ReaderState(M)
    state.begin_snapshot()
    state.feed(token(1, 3, " two"))
    state.feed(token(1, 7, " three"))
    state.snapshot_taken(snapshot(1, 0, "one"), None)
    assert taken(state) == [token(1, 0, "one two three")]
    assert not state.wants_snapshot


def test_what_is_heard_of_a_later_epoch_during_the_look_for_it_makes_no_second_look():
    state = started("one")
    state.feed(events.restart(M, cursor="2.0"))
    state.begin_snapshot()
    state.feed(token(1, 7, " three"))
    state.feed(token(2, 3, " dos"))
    state.snapshot_taken(snapshot(2, 3, ""), None)
    assert state.wants_snapshot, "where the later text begins is not known yet"
    state.begin_snapshot()
    state.feed(token(2, 7, " tres"))
    state.snapshot_taken(snapshot(2, 0, "uno dos"), None)
    assert taken(state) == [events.restart(M, cursor="2.0"), token(2, 0, "uno dos tres")]
    assert not state.wants_snapshot


def test_text_that_was_kept_during_one_look_is_not_shown_by_another():
    state = started("one")
    state.look_again()
    state.begin_snapshot()
    state.feed(token(1, 7, " three"))
    state.snapshot_taken(snapshot(1, 3, ""), None)
    state.begin_snapshot()
    state.snapshot_taken(snapshot(1, 3, " too"), None)
    assert taken(state) == [token(1, 3, " too")]


def test_no_more_is_kept_during_a_look_than_may_wait():
    state = started("one", bound=8)
    state.feed(token(1, 7, " three"))
    state.begin_snapshot()
    for offset in range(13, 100, 4):
        state.feed(token(1, offset, "text"))
    state.snapshot_taken(snapshot(1, 3, " two thr", 13), None)
    assert outstanding(state) == 8
    assert taken(state) == [token(1, 3, " two thr")]
    assert state.wants_snapshot


def test_a_look_that_brings_what_was_heard_of_is_enough():
    state = started("one")
    state.look_again()
    state.begin_snapshot()
    state.feed(token(1, 7, " three"))
    state.snapshot_taken(snapshot(1, 3, " two three"), None)
    assert not state.wants_snapshot


def test_text_that_was_heard_of_and_is_not_there_is_looked_for_only_once():
    state = started("one")
    state.feed(token(1, 7, " three"))
    looked(state, None)
    assert not state.wants_snapshot


def test_an_event_of_an_earlier_epoch_is_dropped():
    state = started("one", epoch=2)
    state.feed(token(1, 3, " two"))
    assert taken(state) == []
    assert not state.wants_snapshot


@pytest.mark.parametrize(
    "event",
    [token(2, 0, "uno"), token(2, 3, " dos"), events.restart(M, cursor="2.0")],
    ids=["first", "later", "restart"],
)
def test_an_event_of_a_later_epoch_leads_to_a_restart(event):
    state = started("one")
    state.feed(event)
    assert taken(state) == []
    assert state.wants_snapshot
    looked(state, snapshot(2, 3, " dos"))
    assert state.wants_snapshot
    assert taken(looked(state, snapshot(2, 0, "uno dos"))) == [events.restart(M, cursor="2.0"), token(2, 0, "uno dos")]


def test_a_restart_before_anything_was_shown_is_not_told():
    for can_rewind in (True, False):
        state = looked(ReaderState(M, can_rewind=can_rewind), snapshot(1, 0, ""))
        state.feed(events.restart(M, cursor="2.0"))
        assert taken(looked(state, snapshot(2, 0, "uno"))) == [token(2, 0, "uno")]


def test_a_restart_takes_text_back_that_still_waits():
    state = started("one")
    state.feed(token(1, 3, " two"))
    state.look_again()
    looked(state, snapshot(2, 7, ""))
    looked(state, snapshot(2, 0, "uno"))
    assert taken(state) == [events.restart(M, cursor="2.0"), token(2, 0, "uno")]


def test_a_reader_that_cannot_rewind_ends_with_an_error_and_shows_nothing_more():
    state = started("one", can_rewind=False)
    state.feed(events.restart(M, cursor="2.0"))
    looked(state, snapshot(2, 3, " dos"))
    state.feed(token(2, 3, " dos"))
    assert taken(state) == [events.reader_error(M, error=CANNOT_REWIND)]
    assert state.ended
    assert not state.wants_snapshot


@pytest.mark.parametrize("part", [None, snapshot(1, 3, "")], ids=["no stream", "an earlier epoch"])
def test_a_stream_that_is_missing_or_older_is_waited_for(part):
    state = started("one", epoch=2)
    state.look_again()
    assert taken(looked(state, part)) == []
    assert not state.wants_snapshot
    state.feed(token(2, 3, " two"))
    assert taken(state) == [token(2, 3, " two")]


def test_a_final_row_ends_the_reader_with_the_rest_of_its_content():
    state = started("one")
    state.feed({"event_type": "message"})
    assert state.wants_snapshot
    assert taken(looked(state, None, final("one two"))) == [token(1, 3, " two"), message("one two", "1.7")]
    assert state.ended
    assert state.take() is None


def test_text_that_waits_gives_way_to_the_content():
    state = started("one")
    state.feed(token(1, 3, " twX"))
    state.look_again()
    assert taken(looked(state, None, final("one two"))) == [token(1, 3, " two"), message("one two", "1.7")]


def test_a_content_that_does_not_begin_with_what_was_shown_restarts():
    state = started("one")
    state.look_again()
    assert taken(looked(state, None, final("uno", 2))) == [
        events.restart(M, cursor="2.0"),
        token(2, 0, "uno"),
        message("uno", "2.3"),
    ]


def test_a_shorter_content_restarts():
    state = started("one")
    state.look_again()
    assert taken(looked(state, None, final("on", 1))) == [
        events.restart(M, cursor="1.0"),
        token(1, 0, "on"),
        message("on", "1.2"),
    ]


def test_the_same_text_in_another_epoch_is_no_restart():
    state = started("one")
    state.look_again()
    assert taken(looked(state, None, final("one two", 2))) == [token(2, 3, " two"), message("one two", "2.7")]


def test_an_empty_reply_is_only_its_message():
    assert taken(looked(ReaderState(M), None, final("", 1))) == [message("", "1.0")]


def test_a_deleted_message_takes_nothing_back():
    state = started("one")
    state.look_again()
    gone = events.reader_error(M, error="gone")
    assert taken(looked(state, None, FinalMessage(None, gone))) == [gone]


def test_a_cursor_goes_on_where_the_client_was():
    state = ReaderState(M, Cursor(1, 3))
    assert state.begin_snapshot() == 3
    state.snapshot_taken(snapshot(1, 3, " two"), None)
    assert taken(state) == [token(1, 3, " two")]


def test_a_cursor_of_the_end_gets_only_the_message():
    assert taken(looked(ReaderState(M, Cursor(1, 3)), None, final("one", 1))) == [message("one", "1.3")]


def test_a_cursor_of_an_earlier_epoch_restarts():
    for part, row in (
        (snapshot(2, 3, " dos"), None),
        (None, final("uno dos", 2)),
        (snapshot(2, 3, " dos"), final("uno dos")),
    ):
        state = looked(ReaderState(M, Cursor(1, 3)), part, row)
        if row is None:
            looked(state, snapshot(2, 0, "uno dos"))
        assert taken(state)[:2] == [events.restart(M, cursor="2.0"), token(2, 0, "uno dos")]


def test_a_cursor_of_position_nought_is_as_none():
    assert taken(looked(ReaderState(M, Cursor(7, 0)), snapshot(2, 0, "text"))) == [token(2, 0, "text")]


def test_a_cursor_of_unknown_epoch_is_taken_at_its_length_when_the_row_is_final():
    assert taken(looked(ReaderState(M, Cursor(0, 3)), None, final("one two", 2))) == [
        token(2, 3, " two"),
        message("one two", "2.7"),
    ]


def test_a_cursor_within_a_character_is_none_of_ours_and_restarts():
    restarted = [events.restart(M, cursor="1.0"), token(1, 0, "🙂!")]
    state = looked(ReaderState(M, Cursor(1, 2)), Snapshot(1, 2, "🙂!".encode()[2:], 5))
    assert state.wants_snapshot
    assert taken(looked(state, snapshot(1, 0, "🙂!"))) == restarted
    assert taken(looked(ReaderState(M, Cursor(1, 2)), None, final("🙂!", 1))) == [*restarted, message("🙂!", "1.5")]


def test_a_cursor_beyond_the_end_waits_and_is_set_right_by_the_row():
    state = looked(ReaderState(M, Cursor(1, 99)), Snapshot(1, 99, b"", 3))
    assert taken(state) == []
    assert not state.wants_snapshot
    state.look_again()
    assert taken(looked(state, Snapshot(1, 99, b"", 3), final("one", 1))) == [
        events.restart(M, cursor="1.0"),
        token(1, 0, "one"),
        message("one", "1.3"),
    ]


def test_a_cursor_of_a_later_epoch_than_any_is_set_right_by_the_row():
    state = looked(ReaderState(M, Cursor(9, 2)), snapshot(1, 2, "e"))
    assert taken(state) == []
    state.look_again()
    assert taken(looked(state, snapshot(1, 2, "e"), final("one", 1)))[0] == events.restart(M, cursor="1.0")


def test_the_idle_look_finds_a_lost_last_event_when_nothing_came_since_the_look_before():
    state = started("one")
    state.wake(1, 3, False)
    assert not state.wants_snapshot
    state.wake(1, 7, False)
    assert state.wants_snapshot


def test_the_idle_look_leaves_a_flowing_stream_alone():
    state = started("one")
    for offset in range(3, 13):
        state.wake(1, offset + 1, False)
        assert not state.wants_snapshot
        state.feed(token(1, offset, "x"))


@pytest.mark.parametrize("look", [(2, 0, False), (1, 3, True), (None, 0, True)], ids=["epoch", "final", "expired"])
def test_the_idle_look_finds_a_lost_restart_and_a_lost_end_at_once(look):
    state = started("one")
    state.wake(*look)
    assert state.wants_snapshot


def test_the_idle_look_finds_a_stream_that_began_unheard():
    state = looked(ReaderState(M), None)
    state.wake(None, 0, False)
    assert not state.wants_snapshot
    state.wake(1, 0, False)
    assert state.wants_snapshot


def test_of_places_in_the_queue_only_the_newest_waits_and_none_after_text():
    state = looked(ReaderState(M), None)
    places = [events.pending(M, queue_position=n, queue_size=3, workers=1, estimate_s=None) for n in (2, 1, 0)]
    for place in places[:2]:
        state.feed(place)
    assert taken(state) == [places[1]]
    state.feed(places[2])
    state.feed(token(1, 0, "text"))
    assert taken(state) == [token(1, 0, "text")]


def test_a_slow_reader_holds_no_more_than_its_bound_and_reads_the_rest_later():
    state = started("", bound=8)
    for offset in range(0, 100, 4):
        state.feed(token(1, offset, "text"))
    assert outstanding(state) == 8
    assert taken(state) == [token(1, 0, "texttext")]
    assert state.wants_snapshot
    assert taken(looked(state, snapshot(1, 8, "texttext", 100))) == [token(1, 8, "texttext")]
    assert state.wants_snapshot


def test_what_a_slow_reader_could_not_hold_is_read_though_nothing_follows():
    state = started("", bound=8)
    state.feed(token(1, 0, "text"))
    state.feed(token(1, 4, " is too long"))
    assert taken(state) == [token(1, 0, "text")]
    assert state.wants_snapshot


def test_while_a_final_content_goes_out_the_stream_no_longer_matters():
    state = looked(ReaderState(M, bound=8), None, final("the truth", 1))
    assert taken(state) == [token(1, 0, "the trut")]
    state.feed(token(1, 8, "X"))
    assert taken(state) == []
    assert taken(looked(state, None, final("the truth", 1))) == [token(1, 8, "h"), message("the truth", "1.9")]


def test_a_final_reply_that_is_put_back_in_the_queue_streams_again():
    state = looked(ReaderState(M, bound=8), None, final("the text that", 1))
    taken(state)
    looked(state, snapshot(1, 8, " t"), None)
    state.feed(token(1, 10, "ail"))
    assert taken(state) == [token(1, 8, " tail")]


def test_a_final_content_goes_out_in_parts_of_whole_characters():
    content = "🙂" * 5
    state = ReaderState(M, bound=9)
    out = []
    while not state.ended:
        assert state.wants_snapshot
        assert state.wants_row
        out += taken(looked(state, None, final(content, 1)))
    assert [event.get("text") for event in out] == ["🙂🙂", "🙂🙂", "🙂", None]


def test_a_reader_that_never_takes_costs_no_more_memory_than_its_bound():
    state = started("")
    offset = 0
    tracemalloc.start()
    for _ in range(40_000):
        state.feed(token(1, offset, "0123456789" * 3))
        offset += 30
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert offset > 1_000_000
    assert peak < 400_000


# every order of events

TEXTS = st.text(alphabet="aé漢🙂", min_size=1, max_size=4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), TEXTS),
        st.tuples(st.just("hear"), st.integers(0, 100)),
        st.sampled_from([("restart",), ("look",), ("begin",), ("end",), ("take",), ("lose",), ("reconnect",)]),
    ),
    max_size=60,
)


class Client:
    """Shows what it is told, and checks it."""

    def __init__(self):
        self.text, self.cursor, self.finals, self.restarts = b"", None, [], 0

    def receive(self, event):
        assert not self.finals
        if event["event_type"] == "token":
            assert event["offset"] == len(self.text)
            self.text += event["text"].encode()
            assert event["end"] == len(self.text)
            self.cursor = Cursor.parse(event["cursor"])
        elif event["event_type"] == "restart":
            self.text, self.cursor, self.restarts = b"", Cursor.parse(event["cursor"]), self.restarts + 1
        else:
            self.finals.append(event)


class Play:
    """A stream in memory and one reader of it."""

    def __init__(self, bound, can_rewind):
        self.bound, self.can_rewind = bound, can_rewind
        self.epoch, self.text, self.said, self.part = 1, "", [], None
        self.client = Client()
        self.state = self.connected()

    def connected(self):
        return ReaderState(M, self.client.cursor, can_rewind=self.can_rewind, bound=self.bound)

    def write(self, text):
        self.said.append(token(self.epoch, len(self.text.encode()), text))
        self.text += text

    def hear(self, index):
        """An event, in any order, any number of times."""
        if self.said:
            self.state.feed(self.said[index % len(self.said)])

    def lose(self):
        self.said.clear()

    def restart(self):
        self.epoch, self.text = self.epoch + 1, ""
        self.said.append(events.restart(M, cursor=f"{self.epoch}.0"))

    def look(self):
        self.state.wake(self.epoch, len(self.text.encode()), False)

    def begin(self):
        if self.state.wants_snapshot and self.part is None and not outstanding(self.state):
            position = self.state.begin_snapshot()
            data = self.text.encode()[position:]
            if len(data) > self.bound:
                data = data[: self.bound].decode(errors="ignore").encode()
            self.part = Snapshot(self.epoch, position, data, len(self.text.encode()))

    def end(self):
        if self.part is not None:
            self.state.snapshot_taken(self.part, None)
            self.part = None

    def take(self):
        event = self.state.take()
        if event is not None:
            self.client.receive(event)

    def reconnect(self):
        if not self.client.finals:
            self.state, self.part = self.connected(), None

    def finish(self):
        row = final(self.text, self.epoch)
        for _ in range(1000):
            if self.state.ended:
                return
            self.take()
            self.state.look_again()
            if not outstanding(self.state) and self.state.wants_snapshot:
                self.state.begin_snapshot()
                self.state.snapshot_taken(None, row)
        raise AssertionError("the reader never ends")


@settings(max_examples=300, deadline=None)
@given(ACTS, st.integers(4, 20), st.booleans())
def test_whatever_the_order_of_events_the_client_ends_with_the_text(acts, bound, can_rewind):
    play = Play(bound, can_rewind)
    for name, *arguments in acts:
        getattr(play, name)(*arguments)
        assert outstanding(play.state) <= bound
    play.finish()
    [ending] = play.client.finals
    if ending["event_type"] == "message":
        assert play.client.text.decode() == play.text
        assert ending["cursor"] == f"{play.epoch}.{len(play.client.text)}"
    else:
        assert not can_rewind
        assert play.epoch > 1
    assert play.client.restarts < play.epoch
