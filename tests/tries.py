"""Time, which other work on this machine may stretch: of measures the best of a few counts, of waits what is told."""

from collections.abc import Sequence
from typing import Final

TRIES: Final = 3
FOR_SECONDS: Final = r"\(([2-9]|\d\d+) s\)"
"""A wait is first spoken of after two seconds, by this pattern."""


def once_more(took: Sequence[float], *, below: float) -> bool:
    """Is another measure wanted? Until one is below the bound, three times at most; the caller asserts the least."""
    return not took or (min(took) >= below and len(took) < TRIES)
