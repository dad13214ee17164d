"""What a look has found: how bad it is, what is wrong, how to mend it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["ok", "warning", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing."""

    about: str
    level: Level
    says: str
    mend: str = ""

    def to_json(self) -> dict[str, str]:
        """For programs."""
        return asdict(self)


Look = Callable[[], Iterator[Finding]]
"""Looks at one thing. Whatever it raises is an error, told by the doctor."""


def fine(about: str, says: str) -> Finding:
    """As it should be."""
    return Finding(about, "ok", says)


def doubtful(about: str, says: str, mend: str) -> Finding:
    """It works, and better not so."""
    return Finding(about, "warning", says, mend)


def wrong(about: str, says: str, mend: str) -> Finding:
    """It does not work, or not safely."""
    return Finding(about, "error", says, mend)
