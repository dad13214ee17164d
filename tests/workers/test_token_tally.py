"""Tokens count as spent once their text is shown, and each of them once."""

from hypothesis import given
from hypothesis import strategies as st

from inference.stops import StopFilter
from workers.token_tally import TokenTally


def test_text_that_is_shown_at_once_spends_its_tokens_at_once():
    tally = TokenTally()
    assert [tally.take(4, 1, 4), tally.take(2, 3, 2)] == [1, 3]


def test_held_back_text_spends_its_tokens_when_it_is_shown():
    tally = TokenTally()
    assert tally.take(5, 1, 3) == 0
    assert tally.take(1, 1, 3) == 2


def test_a_part_of_a_character_counts_with_the_chunk_that_ends_it():
    tally = TokenTally()
    assert tally.take(0, 1, 0) == 0
    assert tally.take(1, 1, 1) == 2


def test_the_rest_is_what_was_never_shown():
    tally = TokenTally()
    tally.take(5, 1, 2)
    tally.take(0, 1, 0)
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
        spent += tally.take(len(text), tokens, len(out))
        assert spent <= sum(tokens for end, tokens in ends if end <= len(shown))
        if stops.stopped:
            break
    assert spent + tally.rest() == sum(tokens for _, tokens in ends)
