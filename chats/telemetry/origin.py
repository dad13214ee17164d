"""The origin of a reply: what its row and its ticket carry of the request that asked for it.

So every process that has to do with the reply later, whatever attempt it makes, logs with the request's id and
belongs to its trace.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from structlog.contextvars import bound_contextvars, get_contextvars

from chats.telemetry import tracing

REQUEST_ID = "request_id"
HEADERS = (REQUEST_ID, "traceparent", "tracestate")


def here() -> dict[str, str] | None:
    """The origin of what is asked just now; None outside of any request."""
    origin: dict[str, str] = {}
    if isinstance(request_id := get_contextvars().get(REQUEST_ID), str):
        origin[REQUEST_ID] = request_id
    tracing.inject(origin)
    return origin or None


@contextmanager
def lines_about(origin: Mapping[str, str] | None, **ids: Any) -> Iterator[None]:
    """Within this context every line carries these ids and the request's."""
    if origin and REQUEST_ID in origin:
        ids[REQUEST_ID] = origin[REQUEST_ID]
    with bound_contextvars(**{name: str(value) if name.endswith("_id") else value for name, value in ids.items()}):
        yield
