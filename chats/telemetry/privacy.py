"""Keeps what people and models have said out of the logs.

No line of ours names a text. But errors quote: Postgres the row that it refused, Redis the command, a validator its
input, an engine the prompt. So what is known to quote is cut out of every warning, and whoever works on a text holds
it here meanwhile: a warning loses each piece that it shares with a text that is held.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from structlog.typing import EventDict, WrappedLogger

LEFT_OUT = "[text left out]"
SHARED_LENGTH = 16
"""Characters that a line and a text must share before they are taken for a quotation."""
LONGEST_LINE = 20_000
"""Characters of a trace; what follows is cut off."""
LONGEST_TEXT = 200_000
"""Characters of a text that a line is compared with."""

Texts = Callable[[], Iterable[str | None]]

_held: ContextVar[Texts | None] = ContextVar("texts", default=None)
_PROSE = ("event", "exception", "stack", "error", "reason")
"""The fields of a line that may quote; the others are ids and numbers."""
_QUIET = ("debug", "info")
_QUOTES = re.compile(
    r"(?P<postgres>\b(?:DETAIL|CONTEXT|QUERY):).*?(?=\n\nThe above exception|\n\nDuring handling|\Z)"
    r"|(?P<pydantic>\binput_value=).*?(?=, input_type=)"
    r"|(?P<redis>\bCommand # \d+ \().*?(?=\) of pipeline)",
    re.DOTALL,
)


@contextmanager
def holding(texts: Texts) -> Iterator[None]:
    """Within this context no warning quotes these texts. `texts` is only asked when there is a warning."""
    token = _held.set(texts)
    try:
        yield
    finally:
        _held.reset(token)


def hold(texts: Texts) -> None:
    """The same until the end of the context (contextvars), as of a thread's work for one request."""
    _held.set(texts)


def without_texts(logger: WrappedLogger, name: str, line: EventDict) -> EventDict:
    """A processor of structlog's."""
    if line.get("level") in _QUIET and "exception" not in line:
        return line
    texts = _held.get()
    held = [text for text in texts() if text] if texts is not None else []
    for field in _PROSE:
        if isinstance(value := line.get(field), str):
            line[field] = without(_QUOTES.sub(_cut, value), held)
    return line


def without(line: str, texts: Iterable[str]) -> str:
    """The line without the pieces of SHARED_LENGTH characters and more that it shares with one of the texts."""
    if len(line) > LONGEST_LINE:
        line = line[:LONGEST_LINE] + " [cut off]"
    for text in texts:
        line = _without_one(line, text[:LONGEST_TEXT])
    return line


def _without_one(line: str, text: str) -> str:
    if len(text) < SHARED_LENGTH:
        return line.replace(text, LEFT_OUT) if len(text) >= SHARED_LENGTH // 2 else line
    pieces = {text[at : at + SHARED_LENGTH] for at in range(len(text) - SHARED_LENGTH + 1)}
    kept: list[str] = []
    at = copied = 0
    while at <= len(line) - SHARED_LENGTH:
        if line[at : at + SHARED_LENGTH] not in pieces:
            at += 1
            continue
        end = at + 1
        while line[end : end + SHARED_LENGTH] in pieces:
            end += 1
        kept += [line[copied:at], LEFT_OUT]
        at = copied = end + SHARED_LENGTH - 1
    return "".join([*kept, line[copied:]])


def _cut(found: re.Match[str]) -> str:
    return next(part for part in found.groups() if part) + f" {LEFT_OUT}"
