"""The spans of one attempt at a reply, in the trace of the request that asked for it. Imported only with `spans`.

`queue` and `reply` lie below the request's span, the latter linked to the attempt before it; `claim`, `prompt`,
`engine` and `finish` lie below `reply`.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind, StatusCode

from chats.telemetry.spans import context_of, inject, known, tracer

TRACEPARENT = "traceparent"
ATTEMPT = "attempt_traceparent"
"""In a reply's origin: the span of its latest attempt, which the next one is linked to."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A begun attempt. `origin`: what the row shall keep from now on."""

    span: Span
    origin: dict[str, str]

    @contextmanager
    def working(self) -> Iterator[None]:
        """Current while the block runs; ended with it."""
        with trace.use_span(self.span, end_on_exit=True):
            yield


def begin(
    origin: Mapping[str, str], *, number: int, waits_since: datetime, claim_began_ns: int, **attributes: Any
) -> Attempt:
    """The spans of a claim that has just found its reply. waits_since: when the reply was asked.

    The wait is told with the first attempt only: when a later one began to wait is in no row.
    """
    parent = context_of(origin)
    now = time.time_ns()
    about = known(attributes)
    if number == 1:
        began = min(_nanoseconds(waits_since), claim_began_ns)
        tracer().start_span("queue", parent, start_time=began, attributes=about).end(now)
    before = trace.get_current_span(context_of({TRACEPARENT: origin[ATTEMPT]})) if ATTEMPT in origin else None
    links = [Link(before.get_span_context())] if before is not None else []
    reply = tracer().start_span(
        "reply",
        parent,
        kind=SpanKind.CONSUMER,
        start_time=claim_began_ns,
        attributes={**about, "oasst.attempt": number},
        links=links,
    )
    below = trace.set_span_in_context(reply)
    tracer().start_span("claim", below, start_time=claim_began_ns).end(now)
    carrier: dict[str, str] = {}
    inject(carrier, below)
    return Attempt(reply, {**origin, ATTEMPT: carrier.get(TRACEPARENT, "")})


class AskingTheEngine:
    """The span `engine`, around one request to it."""

    def __init__(self, running: Any) -> None:
        """running: counts its tokens in `tokens`, and has the moment of the first one in `first_token_at`."""
        self._running = running
        self._tokens_before = running.tokens
        self._had_first = running.first_token_at is not None

    async def __aenter__(self) -> None:
        self._current = tracer().start_as_current_span("engine", kind=SpanKind.CLIENT)
        self._span = self._current.__enter__()
        self._began_ns = time.time_ns()

    async def __aexit__(self, kind: Any, error: Any, trace_back: Any) -> None:
        self._span.set_attribute("oasst.tokens", self._running.tokens - self._tokens_before)
        if not self._had_first and (first := self._running.first_token_at) is not None:
            at = _nanoseconds(first)
            self._span.add_event("first token", timestamp=at)
            self._span.set_attribute("oasst.first_token_ms", round((at - self._began_ns) / 1e6, 1))
        if error is not None:
            self._span.set_status(StatusCode.ERROR, kind.__name__)  # its words may quote the prompt
        self._current.__exit__(None, None, None)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1e6) * 1000
