"""Whatever hangs, a process that drains ends: real processes that do."""

import subprocess
import sys

import pytest

from tests.forked import ROOT

DRAINS = """
import ctypes, time
from workers import last_resort

last_resort.DRAIN_S, last_resort.LONGEST_DRAIN_S, last_resort.NOT_EVEN_THIS_S = 0.1, 0.5, 1.0
last_resort.bound_the_drain(lambda: {held})
{hangs}
"""
SLEEPS = "time.sleep(60)"
HOLDS_THE_INTERPRETER = "ctypes.PyDLL(None).sleep(60)"


def drain(held: int, hangs: str) -> subprocess.CompletedProcess[str]:
    """A process that drains with so many replies in hand, and hangs."""
    code = DRAINS.format(held=held, hangs=hangs)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("held", [0, 1])
def test_a_drain_that_hangs_ends_and_says_what_it_held(held):
    ended = drain(held, SLEEPS)
    assert ended.returncode == 0
    assert f"{held} replies are left to the reconciler" in ended.stderr


def test_one_that_hangs_in_a_library_ends_too_and_tells_where_it_was():
    ended = drain(0, HOLDS_THE_INTERPRETER)
    assert ended.returncode == 1
    assert "most recent call first" in ended.stderr
    assert 'File "<string>", line 7 in <module>' in ended.stderr
