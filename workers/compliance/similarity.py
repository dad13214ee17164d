"""How much of a text is in another one."""

from difflib import SequenceMatcher

MOST_WORDS = 2000
"""Of each text; longer ones are compared by their beginnings."""


def similarity(one: str, other: str) -> float:
    """1.0 for the same text and only for it, else the part of their words, in order, that both have: below 1."""
    if one == other:
        return 1.0
    matcher = SequenceMatcher(None, one.split()[:MOST_WORDS], other.split()[:MOST_WORDS], autojunk=False)
    return min(round(matcher.ratio(), 4), 0.9999)
