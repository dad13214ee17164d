"""The demo TGI's tokenizer: words with their leading space and their punctuation.

No model has these tokens; they only have to be counted the same way everywhere: ``/tokenize``, ``input_length``
and ``generated_tokens`` all go through ``split``. Joining the tokens of a text gives the text again.
"""

import re
from collections.abc import Iterator
from zlib import crc32

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_AFTER = r"[,.;:!?\u3001\u3002\uff0c]*\n*"

_TOKEN = re.compile(
    r"<\|\w{1,32}\|>"  # a control token
    rf"| ?[{_IDEOGRAPHS}]{_AFTER}"  # scripts without spaces: a character each
    rf"| ?[^\W_{_IDEOGRAPHS}]{{1,12}}{_AFTER}"  # a word, long ones in pieces
    r"| ?(?:[^\w\s]|_)(?:[^\w\s<]|_){0,3}\n*"  # signs
    r"|\n+|\s"
)

VOCABULARY_SIZE = 50_000
"""Token ids are below this number; 0 is the end of text."""

END_ID = 0


def split(text: str) -> list[str]:
    """The tokens of a text, in order; together they are the text."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(_TOKEN.findall(text))


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each token with where it begins and ends, in characters (as TGI's ``/tokenize`` counts them)."""
    for found in _TOKEN.finditer(text):
        yield found[0], found.start(), found.end()


def last_tokens(text: str, n: int) -> str:
    """The last ``n`` tokens of a text: what TGI's ``truncate`` leaves of a prompt."""
    starts = [found.start() for found in _TOKEN.finditer(text)]
    return text if len(starts) <= n else text[starts[-n] :]


def token_id(text: str) -> int:
    """The id of a token: a number between 1 and ``VOCABULARY_SIZE``, the same in every process."""
    return 1 + crc32(text.encode("utf-8", "replace")) % (VOCABULARY_SIZE - 1)
