"""The replies that this process is streaming, and how each of them is stopped."""

import asyncio
import enum
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from inference.stream import FINAL_TTL_S

JUST_CLAIMED_S = FINAL_TTL_S / 3
"""So long after a claim, with room for clocks that differ, no fence can have expired that was set after it."""


class StopReason(enum.Enum):
    """Why a running reply is to be stopped from outside."""

    ENDED = "ended"
    """Somebody else ended the message (cancel, timeout, delete), or took it: nothing more is ours."""
    DRAIN = "drain"
    """This process ends: what was shown is kept and another worker goes on."""


@dataclass(eq=False)
class RunningReply:
    """One attempt at one reply. Belongs to the event loop; other threads only read numbers.

    begun: before the claim, on the clock of time.monotonic(); begun_at: the same by time.time(), which goes on while
    the machine sleeps.
    """

    message_id: UUID
    attempt: int
    begun: float = field(default_factory=time.monotonic)
    begun_at: float = field(default_factory=time.time)
    tokens: int = 0
    """Tokens that this attempt has got from the engine."""
    first_token_at: datetime | None = None
    stop_reason: StopReason | None = None
    _task: asyncio.Task[object] | None = None

    @property
    def just_claimed(self) -> bool:
        """Whether whoever has ended the reply since its claim must have left a fence that is still there."""
        passed = time.monotonic() - self.begun, time.time() - self.begun_at
        return all(0 <= seconds < JUST_CLAIMED_S for seconds in passed)

    def attach(self, task: asyncio.Task[object]) -> None:
        """`stop` cancels this task; at once, when a stop came before the task."""
        self._task = task
        if self.stop_reason is not None:
            task.cancel()

    def stop(self, reason: StopReason) -> None:
        """Interrupt the attempt wherever it stands; the first reason stays."""
        if self.stop_reason is not None:
            return
        self.stop_reason = reason
        if self._task is not None:
            self._task.cancel()

    def detach(self) -> None:
        """From here on `stop` only leaves its reason."""
        self._task = None


class InFlight:
    """All running replies of the process."""

    def __init__(self) -> None:
        self._replies: dict[UUID, RunningReply] = {}
        self.tokens = 0
        """Tokens that all attempts together got from the engine since the start of the process."""

    @contextmanager
    def holding(self, reply: RunningReply) -> Iterator[RunningReply]:
        """The reply counts as in flight from the claim until its ending is stored."""
        self._replies[reply.message_id] = reply
        try:
            yield reply
        finally:
            # A message that came back to this process meanwhile has a later attempt in its place.
            if self._replies.get(reply.message_id) is reply:
                del self._replies[reply.message_id]

    def __len__(self) -> int:
        return len(self._replies)

    def replies(self) -> list[RunningReply]:
        """A copy, good in any thread."""
        return list(self._replies.values())

    def ids(self) -> list[str]:
        """The message ids, as they go into the session's beat."""
        return [str(message_id) for message_id in list(self._replies)]

    def stop(self, message_id: UUID, *, up_to_attempt: int, reason: StopReason) -> bool:
        """Stop the message's attempt unless it is a later one than `up_to_attempt`. True: there was one."""
        reply = self._replies.get(message_id)
        if reply is None or reply.attempt > up_to_attempt:
            return False
        reply.stop(reason)
        return True

    def stop_all(self, reason: StopReason) -> None:
        """Stop every attempt."""
        for reply in self.replies():
            reply.stop(reason)
