"""Waiting for a condition: looked at again and again, never slept through."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar

LOOK_EVERY_S = 0.005


T = TypeVar("T")


async def until(condition: Callable[[], T | Awaitable[T]], *, within_s: float = 60.0) -> T:
    """The condition's first true value. Raises AssertionError that names it when there is none in time."""
    give_up_at = time.monotonic() + within_s
    while True:
        value = condition()
        if isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < give_up_at, f"not within {within_s} s: {condition}"
        await asyncio.sleep(LOOK_EVERY_S)
