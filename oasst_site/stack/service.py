"""What the stack keeps running: one service is one process, and how to prepare, judge and stop it."""

import enum
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from oasst_site.stack.command import Command


class Rank(enum.IntEnum):
    """Who needs whom: a higher rank starts later and stops earlier."""

    DATABASE = 0
    BROKER = 1
    ENGINE = 2
    APPLICATION = 3


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process of the stack. The callables may block: they are called in a thread."""

    name: str
    rank: Rank
    command: Command
    is_ready: Callable[[], bool]
    """Whether it does its work now; asked until it says so, from the first start on."""
    prepare: Callable[[], None] = field(default=lambda: None)
    """Called before every start. May raise StackError."""
    missing: Callable[[], str] = field(default=lambda: "")
    """While it is not ready: what it waits for, a sentence, or nothing."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    """Seconds from the stop signal to SIGKILL."""
    ready_within_s: float = 120.0
    """Seconds after which a first start counts as failed."""
    quiet: bool = False
    """Its output goes to its log file only."""
