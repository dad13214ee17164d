"""Wakes Celery's consumer from other threads, so that a seat that has just become free is offered at once."""

from typing import Any

_hub: Any = None


def set_hub(hub: Any) -> None:
    """Remember the consumer's event loop (kombu's Hub); None: there is none to wake."""
    global _hub
    _hub = hub


def wake() -> None:
    """Make the consumer go round its loop once, from any thread: it then asks the broker for what it has room for."""
    if _hub is not None:
        _hub.call_soon(_nothing)


def _nothing() -> None:
    """The loop's turn is what matters."""
