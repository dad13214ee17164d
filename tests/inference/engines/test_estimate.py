"""The estimate of tokens: never free, never above the bytes, and not far above what prose really takes."""

import re

import pytest

from inference.engines.estimate import estimate_tokens


@pytest.mark.parametrize("character", ["a", "é", "ж", "中", "🎈", "7", "{", "\n", " ", "\t"])
def test_no_character_is_free_and_none_costs_more_than_its_bytes(character: str):
    count = estimate_tokens(character * 3000) - estimate_tokens("")
    assert 3000 // 8 <= count <= len(character.encode()) * 3000


def test_english_prose_is_overestimated_but_not_doubled():
    prose = (
        "The quick brown fox jumps over the lazy dog. Then it rests for a while, looks around, and walks home "
        "through the quiet forest before the night begins. Nobody saw it come, and nobody saw it leave."
    )
    words_and_marks = len(re.findall(r"\w+|[^\w\s]", prose))  # one token each with today's vocabularies
    assert words_and_marks <= estimate_tokens(prose) - estimate_tokens("") <= 2 * words_and_marks


def test_the_first_token_and_the_like_are_reserved():
    assert estimate_tokens("") == 16
