"""What /readyz tells: each dependency's state, since when, and how old the look is.

However many ask, and however long a dependency hangs: a dependency is looked at by one look at a time and at most once
a second, and the answer comes after DEADLINE_S.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

log = structlog.get_logger(__name__)

DEADLINE_S = 2.0
FRESH_S = 1.0
"""A look so young is not repeated."""

Looking = Callable[[], Awaitable[dict[str, Any]]]
"""Looks at one dependency and returns what there is to tell of it. Raises when it is away, whatever that raises."""


class Late(Exception):
    """The dependency answers, and what it says is not good."""


class Watched:
    """One dependency. matters: without it this process can serve nobody."""

    def __init__(self, name: str, looking: Looking, *, matters: bool) -> None:
        self.name = name
        self.matters = matters
        self.is_ok = False
        self._looking = looking
        self._problem: str | None = "not looked at yet"
        self._told: dict[str, Any] = {}
        self._since = time.monotonic()
        self._begun = self._ended = float("-inf")
        self._took_s = 0.0
        self._look: asyncio.Task[None] | None = None

    def look(self) -> asyncio.Task[None] | None:
        """The look that is under way, begun unless the last one is fresh; None when there is nothing to wait for."""
        if self._look is not None and not self._look.done():
            return self._look
        if time.monotonic() - self._ended < FRESH_S:
            return None
        self._begun = time.monotonic()
        self._look = asyncio.create_task(self._try(), name=f"readyz {self.name}")
        return self._look

    def entry(self) -> dict[str, Any]:
        """What is known now."""
        now = time.monotonic()
        if self._look is not None and not self._look.done() and now - self._begun >= DEADLINE_S:
            self._note(f"no answer for {now - self._begun:.0f} s", {})
        entry = {
            "ok": self.is_ok,
            "matters": self.matters,
            "state_s": round(now - self._since, 1),
            "looked_s": round(max(0.0, now - self._begun), 1),
            "took_ms": round(self._took_s * 1000, 1),
            **self._told,
        }
        return entry if self._problem is None else {**entry, "error": self._problem}

    async def _try(self) -> None:
        try:
            told = await self._looking()
        except Late as error:
            self._note(str(error), {})
        except Exception as error:  # each dependency has its own errors
            # Anybody may ask /readyz: addresses and users stay in the log.
            self._note(type(error).__name__, {}, error)
        else:
            self._note(None, told)
        self._ended = time.monotonic()
        self._took_s = self._ended - self._begun

    def _note(self, problem: str | None, told: dict[str, Any], error: Exception | None = None) -> None:
        was_ok, self.is_ok = self.is_ok, problem is None
        if self.is_ok != was_ok:
            self._since = time.monotonic()
        if problem is not None and (was_ok or self._problem is None):
            log.warning("a dependency is away", dependency=self.name, error=str(error or problem))
        elif problem is None and not was_ok:
            log.info("a dependency is there", dependency=self.name)
        self._problem, self._told = problem, told


class Readiness:
    """All that this process depends on."""

    def __init__(self, watched: Sequence[Watched]) -> None:
        self._watched = watched
        self._reporting: asyncio.Task[dict[str, Any]] | None = None

    async def report(self) -> dict[str, Any]:
        """Within about DEADLINE_S; who asks meanwhile is told the same."""
        if self._reporting is None or self._reporting.done():
            self._reporting = asyncio.create_task(self._report(), name="readyz")
        return await asyncio.shield(self._reporting)

    async def _report(self) -> dict[str, Any]:
        looks = [look for each in self._watched if (look := each.look()) is not None]
        if looks:
            await asyncio.wait(looks, timeout=DEADLINE_S)
        checks = {each.name: each.entry() for each in self._watched}
        return {
            "ready": all(each.is_ok for each in self._watched if each.matters),
            "degraded": not all(each.is_ok for each in self._watched),
            "checks": checks,
        }
