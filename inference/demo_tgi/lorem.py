"""Filler text: one endless sequence of words for a seed and a user's message.

What it depends on, so that a test can compute what the server must say:

- the seed of the request, or the message alone when there is none;
- the last user message of the prompt as it stands there (``inference.prompts`` breaks control tokens in what
  people type), without white space at its ends;
- nothing else: not the system prompt, not earlier messages, no sampling parameter, no word already said.

The sequence is a stream of bytes out of SHAKE-256, one word of ``vocabulary.WORDS`` per byte; a word after the
end of a sentence gets a capital letter and one after the end of a paragraph has no leading space. It can be
entered at any character, so a reply that was cut off goes on where its text ends: with the rest of the word.
"""

from collections.abc import Iterator
from hashlib import shake_256
from itertools import islice

from inference.demo_tgi.pieces import Piece, piece_of
from inference.demo_tgi.vocabulary import WORDS

BLOCK = 1024
"""Words drawn at a time."""

_MIDDLE, _SENTENCE, _PARAGRAPH = 0, 1, 2


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


_TEXTS: tuple[list[str], list[str], list[str]] = (
    [" " + word for word in WORDS],
    [" " + _capital(word) for word in WORDS],
    [_capital(word) for word in WORDS],
)
"""What a byte says, by what stands before it."""

_NEXT = [_PARAGRAPH if word.endswith("\n") else _SENTENCE if word[-1] in ".!?" else _MIDDLE for word in WORDS]
_PIECES = tuple([Piece(text) for text in texts] for texts in _TEXTS)

_LENGTHS = bytes(len(text) - (after == _PARAGRAPH) for text, after in zip(_TEXTS[_MIDDLE], _NEXT, strict=True))
"""Characters of each word with its leading space; the end of a paragraph takes the next word's off."""


def lorem_text(seed: int | None, prompter_text: str, n_tokens: int) -> str:
    """The reply of ``n_tokens`` tokens to a user's message."""
    return "".join(islice(reply_text(seed, prompter_text), n_tokens))


def reply_text(seed: int | None, prompter_text: str) -> Iterator[str]:
    """The endless reply to a user's message, token by token."""
    return (piece.text for piece in reply_pieces(seed, prompter_text))


def reply_pieces(seed: int | None, prompter_text: str, *, said: int = 0) -> Iterator[Piece]:
    """The same as the tokens to send, from the character ``said`` on; the first may be the rest of a word."""
    number, state, skip = _block_of(seed, prompter_text, said)
    stream = _Stream(seed, prompter_text)
    while True:
        for byte in stream.block(number):
            piece = _PIECES[state][byte]
            state = _NEXT[byte]
            if skip:
                length = len(piece.text)
                if length <= skip:
                    skip -= length
                    continue
                piece, skip = piece_of(piece.text[skip:]), 0
            yield piece
        number += 1


def effective_seed(seed: int | None, prompter_text: str) -> int:
    """The seed that a reply reports: the one given, or one that the message stands for."""
    if seed is not None:
        return seed
    return int.from_bytes(shake_256(b"seed\0" + _plain(prompter_text)).digest(6), "big")


def _plain(text: str) -> bytes:
    return text.strip().encode("utf-8", "surrogatepass")


def _block_of(seed: int | None, prompter_text: str, said: int) -> tuple[int, int, int]:
    """The block that holds the character ``said``, the state at its beginning, and the characters to skip in it."""
    stream = _Stream(seed, prompter_text)
    number, state, skip = 0, _PARAGRAPH, said
    while True:
        block = stream.block(number)
        after = _NEXT[block[-1]]
        length = sum(block.translate(_LENGTHS)) + (after == _PARAGRAPH) - (state == _PARAGRAPH)
        if skip < length:
            return number, state, skip
        skip -= length
        state = after
        number += 1


class _Stream:
    """The random bytes of one reply, in blocks."""

    def __init__(self, seed: int | None, prompter_text: str) -> None:
        self._base = shake_256(b"lorem\0%d\0" % effective_seed(seed, prompter_text) + _plain(prompter_text))

    def block(self, number: int) -> bytes:
        hashed = self._base.copy()
        hashed.update(b"\0%d" % number)
        return hashed.digest(BLOCK)
