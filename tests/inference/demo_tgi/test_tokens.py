"""The tokenizer of the demo TGI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.demo_tgi import tokens


@given(st.text())
def test_the_tokens_of_any_text_are_the_text(text: str):
    assert "".join(tokens.split(text)) == text
    assert tokens.count(text) == len(tokens.split(text))
    assert all(text[start:stop] == token for token, start, stop in tokens.spans(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|prompter|>Hello, world!", ["<|prompter|>", "Hello,", " world!"]),
        ("über  café.\n\nNext", ["über", " ", " café.\n\n", "Next"]),
        ("世界 🙂", ["世", "界", " 🙂"]),
        ("internationalisation", ["internationa", "lisation"]),
        ("**bold**<|im_end|>", ["**", "bold", "**", "<|im_end|>"]),
    ],
)
def test_words_keep_their_leading_space_and_their_punctuation(text: str, expected: list[str]):
    assert tokens.split(text) == expected


def test_truncating_keeps_the_last_tokens():
    assert tokens.last_tokens("one two three", 2) == " two three"
    assert tokens.last_tokens("one two three", 3) == "one two three"
