"""Folds Python traces in a process's output into their last line, while it starts: a reason, not a trace."""

TITLE = "Traceback (most recent call last):"
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")


class TraceFold:
    """Feed lines; get back those to show. The whole output stays in the log file."""

    def __init__(self) -> None:
        self._inside = False

    def feed(self, line: str) -> list[str]:
        """The lines to show now that this one has come."""
        text = line.strip()
        if text.endswith(TITLE):
            self._inside = True
            return []
        if not self._inside:
            return [line]
        if not text or line[:1].isspace() or text.startswith(_CHAINED):
            return []
        # The exception's own line ends the trace, unless another trace follows it in a chain.
        self._inside = False
        return [line]
