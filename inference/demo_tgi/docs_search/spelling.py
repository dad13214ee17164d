"""Slips of the pen: the known word that a misspelt one most likely is."""

from collections.abc import Collection
from difflib import get_close_matches

LEAST_LENGTH = 5
"""Letters of a word that may be misspelt: a shorter one is like too many others."""
LIKENESS = 0.8
"""How like two words must be, as difflib counts it: a letter missing, doubled, wrong or two changed about."""


def meant(word: str, known: Collection[str]) -> str | None:
    """The known word that is most like this one; None when none is, or when it begins with another letter."""
    if len(word) < LEAST_LENGTH or not word.isalpha():
        return None
    candidates = [each for each in known if each[:1] == word[:1] and abs(len(each) - len(word)) <= 2]
    return next(iter(get_close_matches(word, candidates, n=1, cutoff=LIKENESS)), None)
