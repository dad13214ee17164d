"""The stop filter against a naive oracle."""

from collections.abc import Sequence
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.stops import StopFilter


def oracle(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """Up to the stop that is complete first; of several that end together, the longest."""
    for end in range(1, len(text) + 1):
        met = [stop for stop in stops if text[:end].endswith(stop)]
        if met:
            return text[: end - max(map(len, met))], True
    return text, False


def pieces(text: str, cuts: Sequence[int]) -> list[str]:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


few_letters = st.text("ab<|", max_size=60)
stop_lists = st.lists(st.text("ab<|", min_size=1, max_size=6), max_size=5)
cut_lists = st.lists(st.integers(min_value=0, max_value=60), max_size=12)


@given(text=few_letters, stops=stop_lists, cuts=cut_lists)
def test_the_text_up_to_the_first_stop_is_shown_however_it_arrives(text: str, stops: list[str], cuts: list[int]):
    wanted, met = oracle(text, stops)
    stop_filter = StopFilter(stops)
    shown = ""
    for piece in pieces(text, cuts):
        shown += stop_filter.feed(piece)
        assert wanted.startswith(shown)
    assert stop_filter.stopped == met
    assert shown + stop_filter.flush() == wanted


@given(text=few_letters, stops=stop_lists)
def test_only_what_could_begin_a_stop_is_held_back(text: str, stops: list[str]):
    stop_filter = StopFilter(stops)
    shown, seen = "", ""
    for character in text:
        shown += stop_filter.feed(character)
        seen += character
        if stop_filter.stopped:
            return
        held = seen[len(shown) :]
        beginnings = {stop[:length] for stop in stops for length in range(1, len(stop))}
        longest = max((end for end in beginnings if seen.endswith(end)), key=len, default="")
        assert held == longest


def test_nothing_is_shown_after_a_stop():
    stop_filter = StopFilter(["</s>"])
    assert stop_filter.feed("a<") == "a"
    assert stop_filter.feed("/s>b") == ""
    assert stop_filter.stopped
    assert stop_filter.feed("c") == ""
    assert stop_filter.flush() == ""


def test_an_empty_stop_is_refused():
    with pytest.raises(ValueError, match="a stop sequence is empty"):
        StopFilter(["a", ""])


@pytest.mark.parametrize("stop", ["]", "^", "-", "\\", "[^", "a-z"])
def test_stops_are_texts_and_no_patterns(stop: str):
    stop_filter = StopFilter([stop])
    assert stop_filter.feed(f"b{stop}c") == "b"


def test_time_is_linear_where_every_character_could_begin_a_stop():
    stop_filter = StopFilter(["a" * 100 + "b"])
    begun = process_time()
    shown = "".join(stop_filter.feed("a") for _ in range(100_000))
    assert len(shown) == 100_000 - 100
    assert process_time() - begun < 2


def test_filters_of_the_same_stops_do_not_disturb_one_another():
    first, second = StopFilter(["<|end|>"]), StopFilter(["<|end|>"])
    assert first.feed("one<|e") == "one"
    assert second.feed("two") == "two"
    assert first.feed("nd|>more") == ""
    assert first.stopped
    assert not second.stopped
    assert second.feed("<|end") == ""
    assert second.flush() == "<|end"
