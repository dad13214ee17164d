"""What the stack says when it cannot go on: one line, with the way out."""


class StackError(Exception):
    """The stack cannot start or go on.

    `reason` names the thing and the bad value; `way_out` is what a person can do about it. `str()` is both in one line.
    """

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason, way_out)
        self.reason = reason
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.reason}. {self.way_out}"
