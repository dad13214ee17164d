"""Spans by OpenTelemetry. Imported only where traces are collected."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chats.telemetry import logs

SERVICE = "oasst-inference"
_PROPAGATOR = TraceContextTextMapPropagator()


@cache
def tracer() -> Tracer:
    """Made with the first span: a command that makes none starts no exporter."""
    name = os.environ.get("OTEL_SERVICE_NAME") or f"{SERVICE}-{logs.process_name()}"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer(SERVICE)


@contextmanager
def span(name: str, kind: str, attributes: Mapping[str, Any], context: Context | None = None) -> Iterator[Span]:
    """A current span, below the context's or the one that is current already.

    Of an error it keeps the type alone: its words may quote what people have said.
    """
    with tracer().start_as_current_span(
        name,
        context,
        kind=SpanKind[kind.upper()],
        attributes=known(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            if isinstance(error, Exception):
                begun.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def serving(name: str, headers: Iterable[tuple[bytes, bytes]], attributes: Mapping[str, Any]) -> Any:
    """A current span below the one that the request's headers name."""
    carrier = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers if key.startswith(b"trace")}
    return span(name, "server", attributes, context_of(carrier))


def answered(route: str, status: int) -> None:
    """Names the current span by its route, as OpenTelemetry's conventions have it."""
    current: Any = trace.get_current_span()
    if not current.is_recording():
        return
    method = current.attributes.get("http.request.method", "")
    if route:
        current.update_name(f"{method} {route}")
        current.set_attribute("http.route", route)
    current.set_attribute("http.response.status_code", status)
    if status >= 500:
        current.set_status(StatusCode.ERROR)


def inject(carrier: dict[str, str], context: Context | None = None) -> None:
    """The context's span, or the current one, as W3C's traceparent (and tracestate)."""
    _PROPAGATOR.inject(carrier, context=context)


def context_of(carrier: Mapping[str, str]) -> Context:
    """The context that a carrier names; an empty one when it names none."""
    return _PROPAGATOR.extract(dict(carrier), context=Context())


def known(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that have a value, in types that a span takes."""
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in attributes.items()
        if value is not None
    }
