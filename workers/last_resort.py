"""Bounds a drain: whoever ended this process must not wait for a broker that hangs."""

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

DRAIN_S = 4.5
"""A drain that has given all replies back, and still has not ended, is ended after so long."""
LONGEST_DRAIN_S = 8.0
"""After so long it is ended whatever it holds: the reconciler gives that on."""
NOT_EVEN_THIS_S = 10.0
"""After so long no thread of Python's runs any more, this watch's neither: a library holds the interpreter, or hangs
while it is torn down. It is told then where every thread stands."""
LOOK_EVERY_S = 0.1


def bound_the_drain(replies_held: Callable[[], int]) -> None:
    """Begin to watch over the end of the process, in a thread of its own and in one that needs no Python."""
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(NOT_EVEN_THIS_S, exit=True, file=sys.__stderr__)
    threading.Thread(target=_watch, args=(replies_held,), name="last-resort", daemon=True).start()


def _watch(replies_held: Callable[[], int]) -> None:
    began = time.monotonic()
    while (passed := time.monotonic() - began) < LONGEST_DRAIN_S:
        if passed >= DRAIN_S and not replies_held():
            break
        time.sleep(LOOK_EVERY_S)
    logger.warning(
        "The drain has not ended after %.1f s (a broker or a database that hangs): %d replies are left to the "
        "reconciler, tickets not acknowledged come back by themselves",
        passed, replies_held(),
    )  # fmt: skip
    logging.shutdown()
    os._exit(0)
