"""Whole characters out of split ones."""

from hypothesis import given
from hypothesis import strategies as st

from inference.engines.whole_characters import WholeCharacters

texts = st.lists(st.text("aé\ufffd\0", max_size=5), max_size=30)


@given(texts)
def test_without_a_final_text_everything_comes_out_as_it_was(pieces: list[str]):
    characters = WholeCharacters()
    released = "".join(characters.feed(piece) for piece in pieces) + characters.finish(None)
    assert released == "".join(pieces).replace("\0", "\ufffd")


@given(texts)
def test_a_final_text_that_begins_with_what_was_shown_has_the_last_word(pieces: list[str]):
    characters = WholeCharacters()
    shown = "".join(characters.feed(piece) for piece in pieces)
    assert len("".join(pieces)) - len(shown) <= 64
    held = len(shown) < len("".join(pieces))
    rest = characters.finish(shown + "\N{PARTY POPPER}")
    assert rest == ("\N{PARTY POPPER}" if held else "")


def test_a_model_that_emits_nothing_else_stays_visible():
    characters = WholeCharacters()
    shown = "".join(characters.feed("\ufffd") for _ in range(1000))
    assert len(shown) == 1000 - 64
    assert len(shown + characters.finish(None)) == 1000
