"""Kinds of errors: what was told to a reply's reader, as a word to count by."""

from typing import Final

_KINDS: Final = (
    ("The worker was lost", "worker_lost"),
    ("The model's engine cannot be reached", "engine_unreachable"),
    ("The model's engine is overloaded", "engine_overloaded"),
    ("The model's engine fell silent", "engine_silent"),
    ("The model's engine refuses", "engine_refused"),
    ("The model's engine broke off", "engine_broke_off"),
    ("The stream's store", "stream_store"),
    ("The worker failed", "worker_failed"),
    ("The reply was interrupted", "cannot_continue"),
    ("The prompt", "prompt_too_long"),
    ("No worker took the message", "not_taken"),
)
OTHER: Final = "other"


def kind_of(error: str) -> str:
    """The kind of an error's text."""
    return next((kind for beginning, kind in _KINDS if error.startswith(beginning)), OTHER)
