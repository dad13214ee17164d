"""What the lines and spans of one websocket command carry: an id of its own, below that of its socket."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

from chats.telemetry import privacy
from chats.telemetry.origin import REQUEST_ID


@contextmanager
def one_command(number: int, text: str | None) -> Iterator[None]:
    """The socket's command of this number, as it was sent: its text is quoted nowhere."""
    ids = {}
    if socket_id := get_contextvars().get(REQUEST_ID):
        ids[REQUEST_ID] = f"{socket_id}.{number}"
    with bound_contextvars(**ids), privacy.holding(lambda: [text]):
        yield
