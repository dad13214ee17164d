"""A reader's place in a token stream, as clients store it and give it back."""

import re
from typing import NamedTuple, Self

# Below a thousand million attempts and a petabyte of text: what is beyond is no cursor that we ever gave.
_SHAPE = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,14})")


class BadCursor(ValueError):
    """The text is no cursor."""

    def __init__(self, value: object) -> None:
        shown = value[:40] if isinstance(value, str) else value
        super().__init__(
            f"cursor {shown!r} is not of the form <epoch>.<bytes>, like 1.57;"
            " give back the last cursor received, or none to read from the start"
        )


class Cursor(NamedTuple):
    """`<epoch>.<bytes>`.

    epoch: the attempt at which the text last began from empty (0: not known).
    position: bytes of UTF-8 of that text which the client has.
    """

    epoch: int
    position: int

    @classmethod
    def parse(cls, value: str) -> Self:
        """Raises BadCursor."""
        match = _SHAPE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise BadCursor(value)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"
