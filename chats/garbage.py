"""Python's garbage collector in our processes: it looks seldom, and not at what stays."""

import gc
from typing import Final

FRESH_OBJECTS: Final = 10_000
"""So many new objects before the collector looks at them, in place of 700: an import or a request makes thousands, and
hardly one of them is part of a cycle.
"""


def look_seldom() -> None:
    """To be called first in a process: a fifth of its start is the collector's, else."""
    gc.set_threshold(FRESH_OBJECTS, 10, 10)


def everything_is_loaded() -> None:
    """Take what is there now out of the collector's sight; for a process that serves, when it begins to.

    Some 200,000 objects of modules, models and settings are never freed; to walk through them takes it a tenth of a
    second each time, in which no token moves.
    """
    gc.collect()
    gc.freeze()
