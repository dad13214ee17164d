"""Tokens count as spent once their text is shown, and each of them once."""

from hypothesis import given
from hypothesis import strategies as st

from inference.engines import TextChunk
from inference.stops import StopFilter
from workers.token_tally import TokenTally


def test_text_that_is_shown_at_once_spends_its_tokens_at_once():
    tally = TokenTally()
    assert [tally.take(TextChunk("x" * 4, 1), 4), tally.take(TextChunk("x" * 2, 3), 2)] == [1, 3]


def test_held_back_text_spends_its_tokens_when_it_is_shown():
    tally = TokenTally()
    assert tally.take(TextChunk("x" * 5, 1), 3) == 0
    assert tally.take(TextChunk("x" * 1, 1), 3) == 2


def test_a_part_of_a_character_counts_with_the_chunk_that_ends_it():
    tally = TokenTally()
    assert tally.take(TextChunk("x" * 0, 1), 0) == 0
    assert tally.take(TextChunk("x" * 1, 1), 1) == 2


def test_the_rest_is_what_was_never_shown():
    tally = TokenTally()
    tally.take(TextChunk("x" * 5, 1), 2)
    tally.take(TextChunk("x" * 0, 1), 0)
    assert (tally.rest(), tally.spent, tally.rest()) == (2, 2, 0)


@given(st.lists(st.tuples(st.text(alphabet="ab</", max_size=4), st.integers(1, 3)), max_size=30))
def test_with_a_stop_filter_every_token_is_spent_once_and_none_before_its_text(chunks: list[tuple[str, int]]):
    stops, tally = StopFilter(["</a>", "bb"]), TokenTally()
    shown, seen, spent = "", 0, 0
    ends: list[tuple[int, int]] = []
    for text, tokens in chunks:
        out = stops.feed(text)
        shown += out
        seen += len(text)
        ends.append((seen, tokens))
        spent += tally.take(TextChunk(text, tokens), len(out))
        assert spent <= sum(tokens for end, tokens in ends if end <= len(shown))
        if stops.stopped:
            break
    assert spent + tally.rest() == sum(tokens for _, tokens in ends)


@given(st.lists(st.lists(st.text(alphabet="ab</", max_size=4), min_size=1, max_size=5), max_size=12))
def test_tokens_that_came_in_one_go_are_spent_as_if_they_had_come_one_by_one(batches: list[list[str]]):
    together, singly, stops = TokenTally(), TokenTally(), StopFilter(["</a>", "bb"])
    for pieces in batches:
        text = "".join(pieces)
        shown = len(stops.feed(text))
        if stops.stopped:
            break
        spent = together.take(TextChunk(text, len(pieces), tuple(map(len, pieces))), shown)
        for piece in pieces[:-1]:
            singly.take(TextChunk(piece, 1), 0)
        singly.take(TextChunk(pieces[-1], 1), shown)
        assert (spent >= 0, together.spent) == (True, singly.spent)
    assert together.rest() == singly.rest()
