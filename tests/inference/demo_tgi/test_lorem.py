"""Filler text."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.demo_tgi import lorem, tokens
from inference.demo_tgi.lorem import lorem_text, reply_pieces, reply_text

LONG = lorem_text(7, "hello", 4 * lorem.BLOCK)


def test_a_seed_and_a_message_always_give_the_same_words():
    # Whoever changes this text changes what every test and every replay of a stored seed expects.
    assert lorem_text(7, "hi", 12) == ("Coöperate iusto 山 cupidatat aute iste aliqua sit aut nisi. Ipsa tenetur")
    assert lorem_text(7, "  hi\n", 12) == lorem_text(7, "hi", 12)


def test_another_seed_or_another_message_gives_other_words():
    assert lorem_text(8, "hi", 12) != lorem_text(7, "hi", 12)
    assert lorem_text(7, "ho", 12) != lorem_text(7, "hi", 12)
    assert lorem_text(None, "ho", 12) != lorem_text(None, "hi", 12)


def test_its_tokens_are_those_that_the_tokenizer_counts():
    assert tokens.split(LONG) == list(islice(reply_text(7, "hello"), 4 * lorem.BLOCK))


def test_characters_of_every_length_in_utf_8_are_in_it():
    assert {len(character.encode()) for character in LONG} == {1, 2, 3, 4}


@given(st.integers(0, len(LONG) - 200))
def test_it_goes_on_from_any_character(said: int):
    rest = "".join(piece.real for piece in islice(reply_pieces(7, "hello", said=said), 10))
    assert LONG[said:].startswith(rest)
    assert rest


@pytest.mark.parametrize("block", [1, 2, 3])
def test_it_goes_on_around_the_ends_of_the_blocks_that_it_is_drawn_in(block: int):
    edge = len(lorem_text(7, "hello", block * lorem.BLOCK))
    for said in range(edge - 30, edge + 30):
        rest = "".join(piece.real for piece in islice(reply_pieces(7, "hello", said=said), 30))
        assert LONG[said:].startswith(rest)


def test_no_word_changes_its_length_with_its_first_letter():
    first, second, third = lorem._TEXTS
    assert [len(text) for text in first] == [len(text) for text in second]
    assert [len(text) - 1 for text in first] == [len(text) for text in third]
