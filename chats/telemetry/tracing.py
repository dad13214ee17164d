"""Traces, as the rest of the code sees them: spans that are nothing at all unless somebody collects them.

On while OTEL_EXPORTER_OTLP_ENDPOINT is set (see `spans`, which alone imports OpenTelemetry); the other OTEL_...
variables are read by OpenTelemetry's SDK. Off, each call returns the same empty context.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from chats.telemetry.attempt import Attempt

P = ParamSpec("P")
T = TypeVar("T")


def _is_asked_for() -> bool:
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return bool(endpoint) and not disabled


ON = _is_asked_for()
_NOTHING: nullcontext[None] = nullcontext()

if ON:
    try:
        from chats.telemetry import attempt as attempts
        from chats.telemetry import spans
    except ImportError as error:
        raise ImproperlyConfigured(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is missing ({error}): "
            "pip install -r requirements/tracing.txt, or leave it out."
        ) from error


def span(name: str, kind: str = "internal", **attributes: Any) -> AbstractContextManager[Any]:
    """A span while the block runs, below the one that runs already. kind: internal, producer, client."""
    return spans.span(name, kind, attributes) if ON else _NOTHING


def serving(name: str, headers: Iterable[tuple[bytes, bytes]], **attributes: Any) -> AbstractContextManager[Any]:
    """A span for what somebody outside has asked for; below theirs, when their headers name one (W3C traceparent)."""
    return spans.serving(name, headers, attributes) if ON else _NOTHING


def answered(route: str, status: int) -> None:
    """The running request's route and status are known now."""
    if ON:
        spans.answered(route, status)


def inject(carrier: dict[str, str]) -> None:
    """Put the running span's traceparent into the carrier."""
    if ON:
        spans.inject(carrier)


def attempt(origin: Mapping[str, str] | None, **about: Any) -> Attempt | None:
    """The span of an attempt at a reply that was just claimed; None while nobody collects them. See `attempt.begin`."""
    return attempts.begin(origin or {}, **about) if ON else None


def working(begun: Attempt | None) -> AbstractContextManager[Any]:
    """The attempt's span runs while the block does, and ends with it."""
    return begun.working() if begun is not None else _NOTHING


def asking_the_engine(running: Any) -> AbstractAsyncContextManager[Any]:
    """The engine's span: with the moment of the first token and the number of tokens of the running reply."""
    return attempts.AskingTheEngine(running) if ON else _NOTHING


def spanned(name: str) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Decorates a coroutine function: each call is a span. It stays as it is while nobody collects them."""

    def decorate(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        if not ON:
            return function

        @wraps(function)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            with spans.span(name, "internal", {}):
                return await function(*args, **kwargs)

        return call

    return decorate
